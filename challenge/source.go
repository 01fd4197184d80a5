package challenge

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// stayExtension is the extension of the Challenge's files: pipe-separated values.
const stayExtension = ".psv"

// File is a file in a folder or an archive.
type File struct {
	Entry        // what a stay in it is called, where the file holds one
	Path  string // within the folder or the archive, with slashes
	Size  int64  // in bytes, unpacked, as the folder or the archive says
	Open  func() (io.ReadCloser, error)
}

// FileEntry is what a stay is called that a file holds, by the file's name and that of its folder.
func FileEntry(name string) (Entry, error) {
	absolute, err := filepath.Abs(name)
	if err != nil {
		return Entry{}, err
	}
	return Entry{ID: stem(absolute), Hospital: filepath.Base(filepath.Dir(absolute)), Location: name}, nil
}

// archivedEntry is FileEntry for a file in an archive, which has its own name where the archive has no folder.
func archivedEntry(archive, inside string) Entry {
	hospital := path.Base(path.Dir(inside))
	if hospital == "." {
		hospital = stem(archive)
	}
	return Entry{ID: stem(inside), Hospital: hospital, Location: archive + "!" + inside}
}

// ListFiles lists the wanted files in a folder, with all folders below, or in a .zip archive, sorted by path. Hidden files are passed over,
// among them the "._" companions that macOS puts into archives. Links to files are followed, links to folders are not. What is
// returned beside the files must be closed when no file is read any more; it is nil with an error.
func ListFiles(name string, wanted func(path string) bool) ([]File, io.Closer, error) {
	list := listFolder
	if isArchive(name) {
		list = listArchive
	}
	files, closer, err := list(name, func(path string) bool { return !strings.HasPrefix(filepath.Base(path), ".") && wanted(path) })
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, closer, nil
}

func isArchive(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir() && strings.EqualFold(filepath.Ext(name), ".zip")
}

func listFolder(root string, wanted func(path string) bool) ([]File, io.Closer, error) {
	var files []File
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", root, err)
		}
		if entry.IsDir() || !wanted(path) {
			return nil
		}
		name := filepath.Join(root, filepath.FromSlash(path))
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s: not a regular file", name)
		}
		stay, err := FileEntry(name)
		if err != nil {
			return err
		}
		files = append(files, File{stay, path, info.Size(), func() (io.ReadCloser, error) { return os.Open(name) }})
		return nil
	})
	return files, io.NopCloser(nil), err
}

func listArchive(name string, wanted func(path string) bool) ([]File, io.Closer, error) {
	archive, err := zip.OpenReader(name)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	var files []File
	for _, entry := range archive.File {
		inside := strings.ReplaceAll(entry.Name, `\`, "/") // written so by some programs on Windows
		if strings.HasSuffix(inside, "/") || !wanted(inside) {
			continue
		}
		file := File{archivedEntry(name, inside), inside, int64(entry.UncompressedSize64), opener(entry)} //nolint:gosec // a size below 0 fails the reading
		if err := checkEntry(file, entry); err != nil {
			return nil, nil, errors.Join(err, archive.Close())
		}
		files = append(files, file)
	}
	return files, archive, nil
}

// opener opens an entry. Closing it tells nothing: of a damaged one it would say again what reading has said.
func opener(entry *zip.File) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		content, err := entry.Open()
		if err != nil {
			return nil, err
		}
		return quietly{content}, nil
	}
}

// quietly closes without a word.
type quietly struct{ io.ReadCloser }

// Close closes it.
func (q quietly) Close() error {
	_ = q.ReadCloser.Close() // nothing was written
	return nil
}

func checkEntry(file File, entry *zip.File) error {
	const encrypted = 1 // bit 0 of the general purpose flags (APPNOTE.TXT 4.4.4)
	switch {
	case !fs.ValidPath(file.Path):
		return &FormatError{Location: file.Location, Problem: "the entry's name leads out of the archive"}
	case entry.Flags&encrypted != 0:
		return &FormatError{Location: file.Location, Problem: "the entry is encrypted"}
	}
	return nil
}

// addPath adds the stays of a folder, a .psv file or a .zip archive.
func (c *Cohort) addPath(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	before := len(c.sources)
	switch {
	case info.IsDir() || isArchive(name):
		err = c.addFiles(name)
	case isStayFile(name) && info.Mode().IsRegular():
		err = c.addFile(name)
	default:
		return fmt.Errorf("%s: neither a folder, a .psv file nor a .zip archive", name)
	}
	if err != nil {
		return err
	}
	if len(c.sources) == before {
		return fmt.Errorf("%s: no .psv file in it; archives in a folder must be named themselves", name)
	}
	return nil
}

func isStayFile(name string) bool {
	return strings.EqualFold(filepath.Ext(name), stayExtension) && !strings.HasPrefix(filepath.Base(name), ".")
}

func (c *Cohort) addFiles(name string) error {
	files, closer, err := ListFiles(name, isStayFile)
	if err != nil {
		return err
	}
	c.closers = append(c.closers, closer)
	archived := isArchive(name)
	for _, file := range files {
		if err := c.addListed(file, archived); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cohort) addFile(name string) error {
	entry, err := FileEntry(name)
	if err != nil {
		return err
	}
	c.sources = append(c.sources, source{entry, func() (io.ReadCloser, error) { return os.Open(name) }}) // #nosec G304 -- the path is the user's own
	return nil
}

// addListed refuses at once what an archive says to be too large. Of a file that is found in reading it.
func (c *Cohort) addListed(file File, archived bool) error {
	if archived && (file.Size < 0 || file.Size > MaxFileBytes) {
		return &FormatError{Location: file.Location, Problem: fmt.Sprintf("larger than %d MiB; a file holds one stay", MaxFileBytes>>20)}
	}
	c.sources = append(c.sources, source{file.Entry, file.Open})
	return nil
}

// stem is a file's name without folder and extension.
func stem(name string) string {
	base := filepath.Base(name)
	return strings.TrimSuffix(base, filepath.Ext(base))
}
