#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make_root.sh SUITE FOLDER: a Debian root in FOLDER with Blender and what drives its window.
#
# SUITE is trixie (Blender 4.3) or sid (5.2 LTS). Needs root rights on a Debian system, whose
# own mirror is used; 1.2 GB and one to two minutes.
set -euo pipefail
suite=$1 folder=$2

packages=(
  blender python3-numpy
  python3-cattr python3-requests # Blender's client for extensions needs them
  xvfb openbox xdotool imagemagick # a screen, its windows, a hand and an eye
  libgl1 libgl1-mesa-dri libglx-mesa0 libegl1 libegl-mesa0 # OpenGL in software
  procps
)

if ! command -v mmdebstrap > /dev/null; then
  echo 'make_root.sh: installing mmdebstrap'
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends mmdebstrap > /dev/null
fi

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' 'Created-By: Packages')
mirror=${mirror%%$'\n'*}
if [[ -z $mirror ]]; then
  echo 'make_root.sh: no Debian mirror is configured here, or apt-get update has never run' >&2
  exit 1
fi

mmdebstrap --quiet --mode=root --variant=minbase --format=directory \
  --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
  --include="$(IFS=,; echo "${packages[*]}")" \
  --aptopt='Acquire::Check-Valid-Until "false"' \
  --dpkgopt=force-unsafe-io \
  --dpkgopt=path-exclude='/usr/share/doc/*' \
  --dpkgopt=path-exclude='/usr/share/man/*' \
  --dpkgopt=path-exclude='/usr/share/locale/*' \
  --customize-hook='ln -s /proc/self/mounts "$1/etc/mtab"' \
  --skip=check/empty \
  "$suite" "$folder" "$mirror"
