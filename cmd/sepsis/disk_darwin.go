package main

import "syscall"

// blockOf is what blocks are counted in.
func blockOf(stat *syscall.Statfs_t) int64 { return int64(stat.Bsize) }
