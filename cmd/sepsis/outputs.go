package main

import (
	"fmt"
	"os"
)

// outOption is the option by which most commands are told what to write.
const outOption = "--out"

// refuseOverwriting is an error when the output that an option names is one of the files that are read, by whatever name. Names of what is no
// file, such as an entry of an archive, are passed over.
func refuseOverwriting(option, output string, read []string) error {
	written, err := os.Stat(output)
	if err != nil {
		return nil //nolint:nilerr // it is not there yet
	}
	for _, path := range read {
		if info, err := os.Stat(path); err == nil && os.SameFile(info, written) {
			return fmt.Errorf("%s would be written over: name another file with %s", path, option)
		}
	}
	return nil
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil { // inside an archive
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
