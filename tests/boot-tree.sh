#!/bin/sh
# Boots an archive of tests/fresh-tree.sh: unpacks it into memory, makes it the root and becomes its
# systemd. To be started by root with namespaces of its own, so that no process, mount, address,
# name or setting of this machine is touched and all of it goes with its first process:
#
#   unshare --fork --kill-child --pid --mount --uts --ipc --net --cgroup tests/boot-tree.sh ARCHIVE
#
# The machine is called mail.example.org and has the addresses 127.0.0.1 and 198.51.100.7.
set -eu

archive=$1
root=/mnt
mount --make-rprivate /
mount -t tmpfs -o mode=0755 tmpfs "$root"
tar -C "$root" -xf "$archive"

hostname mail.example.org
echo mail.example.org >"$root/etc/hostname"
printf '%s\n' '127.0.0.1 localhost' '198.51.100.7 mail.example.org mail' >"$root/etc/hosts"
echo 'nameserver 127.0.0.1' >"$root/etc/resolv.conf"
# The network is this one's already, the program of the system's.
there() { chroot "$root" "$@"; }
there ip link set lo up
# Whichever kind of network card the kernel has; no cable is plugged in.
there ip link add eth0 type bridge || there ip link add eth0 type dummy
there ip address add 198.51.100.7/24 dev eth0
there ip link set eth0 up

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for folder in run tmp dev; do mount -t tmpfs tmpfs "$root/$folder"; done
for device in null zero full random urandom tty; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
# A service with devices of its own wants one more.
ln -s pts/ptmx "$root/dev/ptmx"
# The kernel's settings are this machine's.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"

cd "$root"
mkdir old
pivot_root . old
umount -l /old
rmdir /old
exec env -i container=amazon-spoof-milter PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --show-status=false
