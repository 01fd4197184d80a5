package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/medtech-detect/sepsis"
)

// Inputs says how much of what a caller sent is kept.
type Inputs string

// The two settings.
const (
	HashedInputs Inputs = "hashed" // of the body its SHA-256, of the patient's id an HMAC-SHA256
	FullInputs   Inputs = "full"   // the body and the patient's id as they were sent
)

// keyBytes is the length of the secret by which patient ids are hashed: that of the hash, as RFC 2104 advises.
const keyBytes = sha256.Size

// Privacy decides what of a caller's words the log keeps.
type Privacy struct {
	inputs Inputs
	key    []byte // nil when inputs are kept in full
}

// InFull keeps everything as it was sent.
func InFull() Privacy { return Privacy{inputs: FullInputs} }

// Hashed keeps digests only. Ids of patients, of which there are few enough to try them all, are hashed with a secret key.
func Hashed(key [keyBytes]byte) Privacy { return Privacy{inputs: HashedInputs, key: key[:]} }

// PatientAs is how the log keeps a patient's id: empty for an empty one.
func (p Privacy) PatientAs(id string) string {
	if id == "" || p.inputs == FullInputs {
		return id
	}
	return p.digest("patient:" + id)
}

// Fingerprint tells one key from another and nothing of the key; empty when there is none.
func (p Privacy) Fingerprint() string {
	if p.key == nil {
		return ""
	}
	return p.digest("fingerprint")
}

func (p Privacy) digest(text string) string {
	hash := hmac.New(sha256.New, p.key)
	_, _ = io.WriteString(hash, text) // a hash never fails
	return hex.EncodeToString(hash.Sum(nil))
}

// kept is the record without what is not to be kept. It holds nothing of the caller's memory: the record may be written long after the
// caller, who may have given up, uses that for something else.
func (p Privacy) kept(record sepsis.Record) sepsis.Record {
	digest := sha256.Sum256(record.Input)
	record.InputSHA256 = hex.EncodeToString(digest[:])
	record.Patient = p.PatientAs(record.Patient)
	record.Output = bytes.Clone(record.Output)
	if p.inputs == FullInputs {
		record.Input = bytes.Clone(record.Input)
	} else {
		record.Input = nil
	}
	return record
}

// ReadOrMakeKey is as ReadKey, but makes a key from 32 bytes of entropy when there is no file. Only its owner may read
// it; when several make it at once, all get the same.
func ReadOrMakeKey(path string, entropy io.Reader) ([keyBytes]byte, error) {
	key, err := ReadKey(path)
	if !errors.Is(err, os.ErrNotExist) {
		return key, err
	}
	if err := makeKey(path, entropy); err != nil {
		return key, fmt.Errorf("make the key of the patients' ids: %w", err)
	}
	return ReadKey(path)
}

// ReadKey reads the secret key from a file of 64 hexadecimal digits; os.ErrNotExist if there is none.
func ReadKey(path string) (key [keyBytes]byte, err error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return key, fmt.Errorf("key of the patients' ids: %w", err)
	}
	decoded, err := hex.DecodeString(strings.TrimSpace(string(content)))
	if err != nil || len(decoded) != keyBytes {
		return key, fmt.Errorf("key of the patients' ids: %s must hold %d hexadecimal digits, such as `openssl rand -hex %d` prints",
			path, 2*keyBytes, keyBytes)
	}
	copy(key[:], decoded)
	return key, nil
}

// makeKey writes a new key beside the path, down to the disk, and links it there unless another was faster.
func makeKey(path string, entropy io.Reader) error {
	var secret [keyBytes]byte
	if _, err := io.ReadFull(entropy, secret[:]); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".key-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // the link stays
	_, err = io.WriteString(file, hex.EncodeToString(secret[:])+"\n")
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil && !os.IsExist(err) {
		return err
	}
	return nil
}
