//go:build unix

package main

import "syscall"

// openFiles is how many files and connections this process may have open; false when that is not known. Go has raised the soft
// limit to the hard one by now.
func openFiles() (uint64, bool) {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	return limit.Cur, err == nil
}
