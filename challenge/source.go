package challenge

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// stayExtension is the extension of the Challenge's files: pipe-separated values.
const stayExtension = ".psv"

// addPath adds the stays of a folder, a .psv file or a .zip archive.
func (c *Cohort) addPath(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	before := len(c.sources)
	switch {
	case info.IsDir():
		err = c.addFolder(name)
	case strings.EqualFold(filepath.Ext(name), ".zip"):
		err = c.addArchive(name)
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

// isStayFile passes over hidden files, among them the "._" companions that macOS puts into archives.
func isStayFile(name string) bool {
	return strings.EqualFold(filepath.Ext(name), stayExtension) && !strings.HasPrefix(filepath.Base(name), ".")
}

// addFolder adds the files below a folder. Links to files are followed, links to folders are not.
func (c *Cohort) addFolder(root string) error {
	return fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", root, err)
		}
		if entry.IsDir() || !isStayFile(name) {
			return nil
		}
		file := filepath.Join(root, filepath.FromSlash(name))
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s: not a regular file", file)
		}
		return c.addFile(file)
	})
}

func (c *Cohort) addFile(name string) error {
	absolute, err := filepath.Abs(name)
	if err != nil {
		return err
	}
	c.sources = append(c.sources, source{
		Entry: Entry{ID: stem(absolute), Hospital: filepath.Base(filepath.Dir(absolute)), Location: name},
		open:  func() (io.ReadCloser, error) { return os.Open(name) }, // #nosec G304 -- the path is the user's own
	})
	return nil
}

func (c *Cohort) addArchive(name string) error {
	archive, err := zip.OpenReader(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.closers = append(c.closers, archive)
	for _, file := range archive.File {
		inside := strings.ReplaceAll(file.Name, `\`, "/") // written so by some programs on Windows
		if strings.HasSuffix(inside, "/") || !isStayFile(inside) {
			continue
		}
		if err := c.addArchived(name, inside, file); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cohort) addArchived(archive, inside string, file *zip.File) error {
	location := archive + "!" + inside
	const encrypted = 1 // bit 0 of the general purpose flags (APPNOTE.TXT 4.4.4)
	switch {
	case !fs.ValidPath(inside):
		return &FormatError{Location: location, Problem: "the entry's name leads out of the archive"}
	case file.Flags&encrypted != 0:
		return &FormatError{Location: location, Problem: "the entry is encrypted"}
	case file.UncompressedSize64 > MaxFileBytes:
		return &FormatError{Location: location, Problem: fmt.Sprintf("larger than %d MiB; a file holds one stay", MaxFileBytes>>20)}
	}
	hospital := path.Base(path.Dir(inside))
	if hospital == "." {
		hospital = stem(archive)
	}
	c.sources = append(c.sources, source{
		Entry: Entry{ID: stem(inside), Hospital: hospital, Location: location},
		open:  file.Open,
	})
	return nil
}

// stem is a file's name without folder and extension.
func stem(name string) string {
	base := filepath.Base(name)
	return strings.TrimSuffix(base, filepath.Ext(base))
}
