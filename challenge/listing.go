package challenge

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
)

// listingName is the file in which PhysioNet lists all files of a data set with their SHA-256.
const listingName = "SHA256SUMS.txt"

// maxListingBytes bounds the listing; that of the Challenge, with 40,336 files, has about 4 MiB.
const maxListingBytes = 32 << 20

// listed is one file of the listing.
type listed struct {
	path   string // relative, with slashes
	sha256 [32]byte
}

// parseListing reads lines of a SHA-256 in hexadecimal, blanks, and a relative path, and keeps the .psv files in
// the folders named as the sets, in the order of their paths. One bad line, wherever, refuses the listing.
func parseListing(data []byte, sets []string) ([]listed, error) {
	var files []listed
	count := make(map[string]int)
	seen := make(map[string]bool)
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			continue
		}
		file, err := parseListed(text)
		if err == nil && seen[file.path] {
			err = fmt.Errorf("the path %q is listed twice", abbreviate(file.path))
		}
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", listingName, number, err)
		}
		seen[file.path] = true
		set := path.Base(path.Dir(file.path))
		if isStayFile(file.path) && slices.Contains(sets, set) {
			files = append(files, file)
			count[set]++
		}
	}
	for _, set := range sets {
		if count[set] == 0 {
			return nil, fmt.Errorf("%s lists no .psv file in a folder %q", listingName, set)
		}
	}
	slices.SortFunc(files, func(a, b listed) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

func parseListed(line string) (listed, error) {
	digest, name, found := strings.Cut(line, " ")
	name = strings.TrimPrefix(strings.TrimLeft(name, " "), "*") // sha256sum marks binary mode with *
	sum, err := hex.DecodeString(digest)
	if !found || err != nil || len(sum) != len(listed{}.sha256) {
		return listed{}, fmt.Errorf("%q is not a SHA-256 and a path", abbreviate(line))
	}
	if !isSafePath(name) {
		return listed{}, fmt.Errorf("the path %q is not a plain relative path", abbreviate(name))
	}
	return listed{name, [32]byte(sum)}, nil
}

// isSafePath takes a path from a stranger only if it stays below the folder on every system.
func isSafePath(name string) bool {
	return fs.ValidPath(name) && name != "." && len(name) <= 255 &&
		!strings.ContainsAny(name, `\:`) && !strings.ContainsFunc(name, unicode.IsControl)
}
