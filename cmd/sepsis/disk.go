//go:build linux || darwin

package main

import (
	"fmt"
	"syscall"

	"github.com/medtech-detect/sepsis/server"
)

// diskOf is the room of the file system that a folder is on, as far as the user of this process may fill it.
func diskOf(folder string) (server.Disk, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		return server.Disk{}, fmt.Errorf("room in %s: %w", folder, err)
	}
	block := uint64(blockOf(&stat)) //nolint:gosec // sizes of blocks are above 0
	return server.Disk{Free: stat.Bavail * block, Size: stat.Blocks * block}, nil
}
