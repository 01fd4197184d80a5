//go:build unix

package atomicfile

import (
	"io/fs"
	"os"
	"syscall"
)

// giveAway gives a file the owner and the group of the one that it is to replace: root may both, others a group of their own. What may not be
// given away stays with whoever runs the program.
func giveAway(file *os.File, replaced fs.FileInfo) {
	of, known := replaced.Sys().(*syscall.Stat_t)
	if !known {
		return
	}
	if file.Chown(int(of.Uid), int(of.Gid)) != nil {
		_ = file.Chown(-1, int(of.Gid))
	}
}
