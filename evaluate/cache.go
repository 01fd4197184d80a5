package evaluate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/medtech-detect/sepsis/atomicfile"
)

// Cache keeps the results of studies as JSON files, each named by the study, by the program that computed it, and by a
// digest of all that the result depends on. A result of other inputs, or of another program, is never found.
type Cache struct{ dir string }

// NewCache keeps results in a folder, which is made when the first one is kept. An empty name keeps nothing.
func NewCache(dir string) Cache { return Cache{dir} }

// cacheKey is all that a result depends on.
type cacheKey struct {
	Study   string `json:"study"`
	Program string `json:"program"`
	Inputs  any    `json:"inputs"`
}

func (c Cache) path(key cacheKey) (string, error) {
	text, err := json.Marshal(key)
	if err != nil {
		return "", fmt.Errorf("cache: %w", err)
	}
	return filepath.Join(c.dir, key.Study+"-"+short(key.Program)+"-"+short(string(text))+".json"), nil
}

// short is the beginning of a text's digest.
func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// find gives a kept result, nil when there is none. What is not JSON, such as half a file, is none.
func (c Cache) find(key cacheKey) (json.RawMessage, error) {
	if c.dir == "" {
		return nil, nil
	}
	path, err := c.path(key)
	if err != nil {
		return nil, err
	}
	result, err := os.ReadFile(path) //nolint:gosec // the operator names the folder
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cache: %w", err)
	case !json.Valid(result):
		return nil, nil
	}
	return result, nil
}

// keep keeps a result; half a file is never found.
func (c Cache) keep(key cacheKey, result json.RawMessage) error {
	if c.dir == "" {
		return nil
	}
	path, err := c.path(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil { //nolint:gosec // figures are no secrets
		return fmt.Errorf("cache: %w", err)
	}
	if err := atomicfile.Write(path, result); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	return nil
}

// keptName is how results are called: the program's part is absent in those that older programs have left.
var keptName = regexp.MustCompile(`^[a-z]+(?:-([0-9a-f]{16}))?-[0-9a-f]{16}\.json$`)

// prune removes the results of other programs, which none will ask for again. Other files are left alone.
func (c Cache) prune(program string) error {
	if c.dir == "" {
		return nil
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cache: %w", err)
	}
	for _, entry := range entries {
		name := keptName.FindStringSubmatch(entry.Name())
		if name == nil || name[1] == short(program) {
			continue
		}
		if err := os.Remove(filepath.Join(c.dir, entry.Name())); err != nil {
			return fmt.Errorf("cache: %w", err)
		}
	}
	return nil
}
