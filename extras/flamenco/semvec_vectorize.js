// SPDX-License-Identifier: GPL-3.0-or-later
// Flamenco job type: vectorize an image sequence, one `semvec batch` command for each chunk.
// Copy it to the folder `scripts` beside flamenco-manager.

const JOB_TYPE = {
    label: "Semvec Vectorize",
    description: "Vectorize an image sequence into SVG files",
    settings: [
        { key: "images", type: "string", required: true,
          description: "Images: a folder, or a pattern such as /renders/shot_####.png" },
        { key: "output_folder", type: "string", subtype: "dir_path", required: true,
          description: "Folder for the SVG files, at the same path on all workers" },
        { key: "frames", type: "string", required: true, default: "1-100",
          eval: "f'{C.scene.frame_start}-{C.scene.frame_end}'",
          description: "Frame range, such as 1-100 or 1,5,7-9" },
        { key: "chunk_size", type: "int32", default: 10, propargs: { min: 1 },
          description: "Number of frames in one task" },
        { key: "budget", type: "int32", default: 128, propargs: { min: 1, max: 4096 },
          description: "Number of paths in each drawing" },
        { key: "fills", type: "string", default: "flat", choices: ["flat", "gradient"],
          description: "Fills of the paths" },
        { key: "options", type: "string", default: "",
          description: "More options of semvec, as on the command line" },
        { key: "semvec", type: "string", default: "semvec", visible: "submission",
          description: "The program semvec on the workers" },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    for (const frames of frameChunker(settings.frames, settings.chunk_size)) {
        const task = author.Task(`vectorize-${frames}`, "misc");
        task.addCommand(author.Command("exec", {
            exe: settings.semvec,
            args: [
                "batch", settings.images,
                "--output", settings.output_folder,
                "--frames", frames,
                "--budget", String(settings.budget),
                "--fills", settings.fills,
                ...shellSplit(settings.options || ""),
            ],
        }));
        job.addTask(task);
    }
}
