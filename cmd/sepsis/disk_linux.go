package main

import "syscall"

// blockOf is what blocks are counted in: that of a transfer may be another (statvfs(3)).
func blockOf(stat *syscall.Statfs_t) int64 { return stat.Frsize }
