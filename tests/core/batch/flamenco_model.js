// SPDX-License-Identifier: GPL-3.0-or-later
// Small model of Flamenco's API for job types, after its documentation: prints the tasks of a job
// as JSON. Arguments: the job type's file, and the job's settings as JSON.

const fs = require("fs");
const vm = require("vm");

const tasks = [];

function frameChunker(range, size) {
    const frames = range.split(",").flatMap((part) => {
        const [first, last] = part.split("-").map(Number);
        return Array.from({ length: (last ?? first) - first + 1 }, (_, index) => first + index);
    });
    const chunks = [];
    for (let start = 0; start < frames.length; start += size) {
        const chunk = frames.slice(start, start + size);
        const isRun = chunk.at(-1) - chunk[0] === chunk.length - 1;
        chunks.push(isRun && chunk.length > 1 ? `${chunk[0]}-${chunk.at(-1)}` : chunk.join(","));
    }
    return chunks;
}

const context = {
    frameChunker,
    shellSplit: (text) => text.split(/\s+/).filter(Boolean),
    author: {
        Task: (name, type) => ({
            name, type, commands: [], addCommand(command) { this.commands.push(command); },
        }),
        Command: (name, parameters) => ({ name, parameters }),
    },
};
const [, , file, settings] = process.argv;
const source = fs.readFileSync(file, "utf8") + "\n[JOB_TYPE, compileJob]";
const [jobType, compileJob] = vm.runInNewContext(source, context);
compileJob({ settings: JSON.parse(settings), addTask: (task) => tasks.push(task) });
console.log(JSON.stringify({ jobType, tasks }));
