package main

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// outFile is a file that is there whole or not at all: what is written stands beside it until it is kept. What is no regular file (a pipe,
// a socket, a device) cannot be replaced so, and is written through.
type outFile struct {
	*os.File
	final string // what gets the content when it is whole; empty where it is written through
}

// createFile begins a file. A symbolic link is followed: it stays, and what it leads to is written, also when that is not there yet.
func createFile(path string) (outFile, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the path is the caller's; of a folder this is an error
		return outFile{File: file}, err
	}
	final, err := followLinks(path)
	if err != nil {
		return outFile{}, err
	}
	half := filepath.Join(filepath.Dir(final), "."+filepath.Base(final)+"."+rand.Text()+".part")
	const mode = 0o644                                                      // less the umask, as any command writes its output
	file, err := os.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode) //nolint:gosec // as above
	return outFile{file, final}, err
}

// followLinks is where a path leads to in the end. That need not be there.
func followLinks(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	link, err := os.Readlink(path)
	if err != nil { // no link: nothing is there
		return path, nil //nolint:nilerr // the file is to be made
	}
	if filepath.IsAbs(link) {
		return followLinks(link)
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	return followLinks(filepath.Join(folder, link))
}

// keep gives the file its name.
func (o outFile) keep() error {
	if o.final == "" {
		return o.Close()
	}
	if err := o.Close(); err != nil {
		return errors.Join(err, os.Remove(o.Name()))
	}
	if err := os.Rename(o.Name(), o.final); err != nil {
		return errors.Join(err, os.Remove(o.Name()))
	}
	return nil
}

// discard leaves nothing of the file; what was written through has been.
func (o outFile) discard() error {
	if o.final == "" {
		return o.Close()
	}
	return errors.Join(o.Close(), os.Remove(o.Name()))
}

// writeFile writes a whole file, as [createFile] does.
func writeFile(path string, content []byte) error {
	file, err := createFile(path)
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		return errors.Join(err, file.discard())
	}
	return file.keep()
}
