// Package web is the page that people see: HTML, a style sheet, ES modules and catalogues, embedded as they are.
//
// Nothing is bundled, minified or fetched from elsewhere: what the browser runs is what stands in this folder.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed page.html assets
var embedded embed.FS

// assetsPath is how files of the page name each other in page.html; a digest is put behind it.
const assetsPath = "/assets/"

// mediaTypes is the one table of what the page is made of.
var mediaTypes = map[string]string{
	".css":    "text/css; charset=utf-8",
	".html":   "text/html; charset=utf-8",
	".js":     "text/javascript; charset=utf-8",
	".json":   "application/json",
	".ndjson": "application/x-ndjson",
	".svg":    "image/svg+xml",
}

// File is one file as it is sent.
type File struct {
	Path      string // on the server
	MediaType string
	Body      []byte
	Gzip      func() []byte // the body compressed, which is done once and only when somebody asks
}

// Page is all that makes up the page.
type Page struct {
	Document File   // at "/"; it names the assets by their present paths, and so must not be kept by browsers
	Assets   []File // under a path that holds a digest of all of them, and so may be kept for ever
}

// Open gives the page. An error means that a file of a kind was embedded that is not in the table.
func Open() (Page, error) {
	assets, digest, err := readAssets()
	if err != nil {
		return Page{}, err
	}
	document, err := embedded.ReadFile("page.html")
	if err != nil {
		return Page{}, fmt.Errorf("web: %w", err)
	}
	root := assetsPath + digest + "/"
	for i := range assets {
		assets[i].Path = root + assets[i].Path
	}
	document = bytes.ReplaceAll(document, []byte(`"`+assetsPath), []byte(`"`+root))
	return Page{Document: newFile("/", ".html", document), Assets: assets}, nil
}

// readAssets gives the assets under their paths in the folder, and a digest of paths and contents.
func readAssets() (assets []File, digest string, err error) {
	sum := sha256.New()
	err = fs.WalkDir(embedded, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := embedded.ReadFile(name)
		if err != nil {
			return err
		}
		extension := path.Ext(name)
		if mediaTypes[extension] == "" {
			return fmt.Errorf("%s: no media type for %q; add it to mediaTypes", name, extension)
		}
		sum.Write(fmt.Appendf(nil, "%s %d\n", name, len(body)))
		sum.Write(body)
		assets = append(assets, newFile(strings.TrimPrefix(name, "assets/"), extension, body))
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("web: %w", err)
	}
	return assets, hex.EncodeToString(sum.Sum(nil))[:16], nil
}

func newFile(name, extension string, body []byte) File {
	return File{Path: name, MediaType: mediaTypes[extension], Body: body, Gzip: sync.OnceValue(func() []byte { return compress(body) })}
}

func compress(body []byte) []byte {
	var compressed bytes.Buffer
	// Neither fails: the level exists, and a buffer takes all.
	writer, _ := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	_, _ = writer.Write(body)
	_ = writer.Close()
	return compressed.Bytes()
}
