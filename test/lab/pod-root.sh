#!/bin/sh
# Usage: pod-root.sh ROOT [SOURCE TARGET]... -- PROGRAM [ARGUMENT]...
# Runs a program in a root of its own: the host's programs, private /etc, /tmp and /var, the pod's volumes on top.
# Called inside a private mount namespace, so nothing of it is seen by the host and all of it ends with the program.
set -e
root=$1
shift
mount -t tmpfs lab "$root"
cd "$root"
mkdir -p usr etc/alternatives proc sys dev tmp run root var/run var/lib var/log
chmod 1777 tmp
for name in bin sbin lib lib64; do
  if [ -L "/$name" ]; then cp -P "/$name" .; elif [ -d "/$name" ]; then mkdir -p "$name" && mount --rbind "/$name" "$name"; fi
done
for name in usr proc sys dev; do mount --rbind "/$name" "$name"; done
for name in passwd group nsswitch.conf ld.so.cache; do
  if [ -e "/etc/$name" ]; then cp "/etc/$name" etc/; fi
done
if [ -d /etc/ssl ]; then mkdir -p etc/ssl && mount --rbind /etc/ssl etc/ssl; fi
while [ "$1" != -- ]; do
  target=$root$2
  if [ -d "$1" ]; then mkdir -p "$target"; else mkdir -p "$(dirname "$target")" && : >>"$target"; fi
  mount --bind "$1" "$target"
  shift 2
done
shift
exec chroot "$root" "$@"
