package access

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/medtech-detect/sepsis"
)

// An API key reads sepsis_<id>_<secret>, both in small base32 without padding: one word for whoever copies it, and
// a prefix by which scanners for leaked secrets know it.
const (
	keyPrefix   = "sepsis_"
	idBytes     = 10 // 80 bits: no two alike, by chance, among billions
	secretBytes = 32 // 256 bits cannot be guessed, however fast the hash
)

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// keyName keeps the names of keys apart from other callers' names in the audit log, which hold ":" or "=".
var keyName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,63}$`)

// NewKey makes a key, and gives its text, which is shown once and kept nowhere. The entropy must be that of a
// cryptographic source.
func NewKey(name string, roles []sepsis.Role, now time.Time, entropy io.Reader) (sepsis.Key, string, error) {
	if !keyName.MatchString(name) || name == sepsis.Local.Name || name == sepsis.Anonymous {
		return sepsis.Key{}, "", fmt.Errorf("key: the name %q is not one that the audit log could show: "+
			"1 to 64 letters, digits, spaces and . _ @ -, the first a letter or digit; not %q or %q", name, sepsis.Local.Name, sepsis.Anonymous)
	}
	if len(roles) == 0 {
		return sepsis.Key{}, "", fmt.Errorf("key: %s may do nothing: give it a role, one of %v", name, sepsis.Roles)
	}
	random := make([]byte, idBytes+secretBytes)
	if _, err := io.ReadFull(entropy, random); err != nil {
		return sepsis.Key{}, "", fmt.Errorf("key: no entropy: %w", err)
	}
	id, secret := base32Lower.EncodeToString(random[:idBytes]), random[idBytes:]
	key := sepsis.Key{
		ID: id, Name: name, Hash: sha256.Sum256(secret), Roles: roles, Created: now.UTC().Truncate(time.Millisecond),
	}
	return key, keyPrefix + id + "_" + base32Lower.EncodeToString(secret), nil
}

// readKey takes the text of a key apart. It is false when the text cannot be that of a key. Of the last letter four bits mean nothing: a key
// has one text, not sixteen, so that who looks for one that has leaked finds it.
func readKey(text string) (id string, secret []byte, formed bool) {
	id, encoded, formed := strings.Cut(strings.TrimPrefix(text, keyPrefix), "_")
	if !formed || len(id) != base32Lower.EncodedLen(idBytes) || len(encoded) != base32Lower.EncodedLen(secretBytes) {
		return "", nil, false
	}
	secret, err := base32Lower.DecodeString(encoded)
	return id, secret, err == nil && base32Lower.EncodeToString(secret) == encoded
}
