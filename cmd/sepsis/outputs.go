package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/medtech-detect/sepsis/atomicfile"
)

// outOption is the option by which most commands are told what to write.
const outOption = "--out"

// outputs are the files that a command is to write, and those that it reads. They are checked before any work, which would be lost.
type outputs struct {
	written []outputPath
	folders []string // that the command makes where they are not there, for what it writes
	read    []string // empty names are none
}

// outputPath is a file that an option names, by itself or as the folder that it is to be in. An empty path is none.
type outputPath struct{ option, path string }

// check is an error when what is read would be written over, when one output would replace another, or when one cannot be written. It leaves
// nothing behind.
func (o outputs) check() error {
	for i, output := range o.written {
		if err := refuseOverwriting(output.option, output.path, o.read); err != nil {
			return err
		}
		for _, other := range o.written[:i] {
			if sameOutput(other.path, output.path) {
				return fmt.Errorf("%s and %s both write %s: name another file with one of them", other.option, output.option, output.path)
			}
		}
	}
	return o.tryOut()
}

// tryOut begins each output and discards it.
func (o outputs) tryOut() error {
	for _, folder := range o.folders {
		if err := tryFolder(folder); err != nil {
			return fmt.Errorf("%s %s cannot be written: %w", outOption, folder, err)
		}
	}
	for _, output := range o.written {
		if output.path == "" || slices.Contains(o.folders, filepath.Dir(output.path)) && !exists(output.path) {
			continue
		}
		if err := tryFile(output.path); err != nil {
			return fmt.Errorf("%s %s cannot be written: %w", output.option, output.path, err)
		}
	}
	return nil
}

// tryFolder tries a folder or, where it is not there, the one that it is to be made in.
func tryFolder(folder string) error {
	there := filepath.Clean(folder)
	for !exists(there) && there != filepath.Dir(there) {
		there = filepath.Dir(there)
	}
	file, err := os.CreateTemp(there, ".sepsis-*")
	if err != nil {
		return fmt.Errorf("in %s: %w", there, causeOf(err))
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// tryFile begins a file. A pipe or a device is not tried: opening it may wait for its reader, and closing it ends what that reads.
func tryFile(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return errors.New("it is a folder")
		}
		return nil
	}
	file, err := atomicfile.Create(path)
	if err != nil {
		return causeOf(err)
	}
	return file.Discard()
}

// causeOf leaves out the name of the file that was tried, which the caller has not named.
func causeOf(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}

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

// sameOutput tells whether two paths, none of which need be there, lead to one file.
func sameOutput(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	if sameFile(a, b) {
		return true
	}
	a, errA := atomicfile.Destination(a)
	b, errB := atomicfile.Destination(b)
	if errors.Join(errA, errB) != nil || filepath.Base(a) != filepath.Base(b) {
		return false
	}
	return filepath.Clean(a) == filepath.Clean(b) || sameFile(filepath.Dir(a), filepath.Dir(b))
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil { // inside an archive
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
