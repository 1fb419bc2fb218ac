#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# enter_root.sh ROOT FOLDER: start `cat` in ROOT, where FOLDER is seen under its own path.
#
# To be run by `unshare --mount --pid --fork`: when cat ends, which is when its input ends,
# every process and every mount in ROOT goes with it.
set -euo pipefail
root=$1 folder=$2

mount --make-rprivate /
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root$folder"
mount --bind "$folder" "$root$folder"
exec chroot "$root" cat
