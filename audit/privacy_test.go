package audit_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/medtech-detect/sepsis/audit"
)

func TestPatientsAreHashedWithTheKey(t *testing.T) {
	var key [32]byte
	copy(key[:], "0123456789abcdef0123456789abcdef")
	p := audit.Hashed(key)
	// printf 'patient:Jane' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
	const want = "ba6938a0a7d4e6d5a636a7ab36baf79b8722d4abb001ac6047c7896d288863f5"
	if got := p.PatientAs("Jane"); got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
	if p.PatientAs("") != "" || p.PatientAs("jane") == want || audit.Hashed([32]byte{1}).PatientAs("Jane") == want {
		t.Error("no patient has a hash, or different ones have the same")
	}
	if got := audit.InFull().PatientAs("Jane"); got != "Jane" {
		t.Errorf("in full %q", got)
	}
	if p.Fingerprint() == audit.Hashed([32]byte{1}).Fingerprint() || p.Fingerprint() == "" || audit.InFull().Fingerprint() != "" {
		t.Error("fingerprints do not tell keys apart")
	}
}

func TestKeyIsMadeOnceForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "patient-id.key")
	var all sync.WaitGroup
	keys := make([][32]byte, 8)
	for i := range keys {
		all.Go(func() {
			var err error
			if keys[i], err = audit.ReadOrMakeKey(path, bytes.NewReader(bytes.Repeat([]byte("abcdefgh")[i:i+1], 32))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, key := range keys {
		if key != keys[0] || key == [32]byte{} {
			t.Errorf("key %x, another has %x", key, keys[0])
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestKeysThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"empty": "", "short": strings.Repeat("a", 63), "long": strings.Repeat("a", 66), "no hex": strings.Repeat("x", 64),
		"a digit too many": strings.Repeat("a", 65),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := audit.ReadOrMakeKey(path, iotest.ErrReader(os.ErrInvalid)); err == nil || !strings.Contains(err.Error(), "openssl rand -hex 32") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := audit.ReadKey(filepath.Join(dir, "new")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := audit.ReadOrMakeKey(filepath.Join(dir, "new"), iotest.ErrReader(os.ErrInvalid)); err == nil {
		t.Error("a key without entropy")
	}
	if _, err := audit.ReadOrMakeKey(filepath.Join(dir, "none", "key"), bytes.NewReader(make([]byte, 32))); err == nil {
		t.Error("a key in a folder that is not there")
	}
	path := filepath.Join(dir, "good")
	if err := os.WriteFile(path, []byte(strings.Repeat("AB", 32)+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := audit.ReadKey(path); err != nil || hex.EncodeToString(key[:]) != strings.Repeat("ab", 32) {
		t.Errorf("key %x, error %v", key, err)
	}
}
