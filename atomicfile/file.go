// Package atomicfile writes files that are there whole or not at all, so that no reader sees half of one.
package atomicfile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// File is there whole or not at all: what is written stands beside it until it is kept. What is no regular file (a pipe,
// a socket, a device) cannot be replaced so, and is written through.
type File struct {
	*os.File
	final string // what gets the content when it is whole; empty where it is written through
}

// Create begins a file. A symbolic link is followed: it stays, and what it leads to is written, also when that is not there yet. What takes the
// place of a file has its mode and, as far as whoever runs the program may give it away, its owner and group.
func Create(path string) (File, error) {
	info, err := os.Stat(path)
	replaces := err == nil
	if replaces && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the path is the caller's; of a folder this is an error
		return File{File: file}, err
	}
	final, err := Destination(path)
	if err != nil {
		return File{}, err
	}
	half := filepath.Join(filepath.Dir(final), "."+filepath.Base(final)+"."+rand.Text()+".part")
	mode := fs.FileMode(0o644) // less the umask, as any command writes its output
	if replaces {
		mode = info.Mode().Perm()
	}
	file, err := os.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode) //nolint:gosec // as above
	if err != nil || !replaces {
		return File{file, final}, err
	}
	giveAway(file, info)
	if err := file.Chmod(mode); err != nil { // what the umask took
		return File{}, errors.Join(err, file.Close(), os.Remove(half))
	}
	return File{file, final}, nil
}

// Destination is where a path leads to in the end. That need not be there.
func Destination(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	link, err := os.Readlink(path)
	if err != nil { // no link: nothing is there
		return path, nil //nolint:nilerr // the file is to be made
	}
	if filepath.IsAbs(link) {
		return Destination(link)
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	return Destination(filepath.Join(folder, link))
}

// Keep gives the file its name.
func (f File) Keep() error {
	if f.final == "" {
		return f.Close()
	}
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), f.final); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Discard leaves nothing of the file; what was written through has been.
func (f File) Discard() error {
	if f.final == "" {
		return f.Close()
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Write writes a whole file, as [Create] does.
func Write(path string, content []byte) error {
	file, err := Create(path)
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		return errors.Join(err, file.Discard())
	}
	return file.Keep()
}
