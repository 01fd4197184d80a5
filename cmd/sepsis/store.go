package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/audit"
	"github.com/medtech-detect/sepsis/postgres"
	"github.com/medtech-detect/sepsis/server"
	"github.com/medtech-detect/sepsis/sqlite"
	"github.com/medtech-detect/sepsis/sqlstore"
)

// storeOptions say where the audit log and the keys of callers are kept.
type storeOptions struct {
	DataDir     string `placeholder:"DIR" help:"Folder of what is kept: the audit log, the keys. $$XDG_DATA_HOME/sepsis, or else ~/.local/share/sepsis, if none is named."`
	DatabaseURL string `name:"database-url" placeholder:"URL" help:"PostgreSQL to keep the audit log and the keys in, for several instances; a file in --data-dir if none is named. As it may hold a password, better set the environment variable."`
}

// store is what is kept.
type store interface {
	sepsis.AuditLog
	sepsis.KeyStore
}

// storeFile is the name of the store in its folder.
const storeFile = "sepsis.db"

// writable is the cure when the store cannot be opened.
const writable = "--data-dir must name a folder that can be written"

// hold keeps a store in a file for one service until it is closed. One in PostgreSQL is for many.
func (o storeOptions) hold() (io.Closer, error) {
	if o.DatabaseURL != "" {
		return io.NopCloser(nil), nil
	}
	dir, err := o.dir()
	if err != nil {
		return nil, err
	}
	held, err := sqlite.Hold(filepath.Join(dir, storeFile))
	if errors.Is(err, sqlite.ErrHeld) {
		return nil, fmt.Errorf("%w: stop that one, or name another folder with --data-dir; several services share a PostgreSQL (--database-url)", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, writable)
	}
	return held, nil
}

// openExisting opens the store, which must be there: a misspelt folder or database is not to look like one in which nothing is kept.
func (o storeOptions) openExisting(ctx context.Context) (store, error) {
	if o.DatabaseURL != "" {
		log, err := postgres.OpenExisting(ctx, o.DatabaseURL)
		if errors.Is(err, postgres.ErrNoTables) {
			err = fmt.Errorf("there is no store: %w; --database-url must name the database of the service (`sepsis serve` and `sepsis key create` make its tables)", err)
		}
		return log, err
	}
	dir, err := o.path()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, storeFile)); err != nil {
		return nil, fmt.Errorf("there is no store: %w; --data-dir must name the folder of the service (`sepsis serve` and `sepsis key create` make it)", err)
	}
	return o.open(ctx, slog.New(slog.DiscardHandler))
}

// open opens the store, and makes it if there is none. The logger is told what goes wrong with it in the background.
func (o storeOptions) open(ctx context.Context, logger *slog.Logger) (store, error) {
	if o.DatabaseURL != "" {
		return postgres.Open(ctx, o.DatabaseURL)
	}
	dir, err := o.dir()
	if err != nil {
		return nil, err
	}
	log, err := sqlite.Open(ctx, filepath.Join(dir, storeFile), logger)
	if errors.Is(err, sqlstore.ErrLater) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, writable)
	}
	return log, nil
}

// path is the folder of what is kept, whether there is one or not.
func (o storeOptions) path() (string, error) {
	if o.DataDir != "" {
		return o.DataDir, nil
	}
	data := os.Getenv("XDG_DATA_HOME") // XDG Base Directory Specification 0.8
	if !filepath.IsAbs(data) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("name a folder for what is kept, with --data-dir: %w", err)
		}
		data = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(data, "sepsis"), nil
}

// dir is the folder of what is kept. It is made if there is none, and only its owner may look inside: it holds patient data.
func (o storeOptions) dir() (string, error) {
	dir, err := o.path()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // the operator says where
		return "", fmt.Errorf("name another folder for what is kept, with --data-dir: %w", err)
	}
	return dir, nil
}

// configureDisk tells the server of the room that a store in a file has.
func (o storeOptions) configureDisk(config *server.Config) {
	if o.DatabaseURL != "" {
		return
	}
	if dir, err := o.path(); err == nil {
		config.Disk = func() (server.Disk, error) { return diskOf(dir) }
	}
}

// privacyOptions say how much of what callers send is kept.
type privacyOptions struct {
	AuditInputs      audit.Inputs `enum:"hashed,full" default:"hashed" help:"What the audit log keeps of what callers send: digests, or everything as it was sent (hashed, full)."`
	AuditHashKeyFile string       `placeholder:"FILE" help:"File of 64 hexadecimal digits, the secret key by which patients' ids are hashed; all instances need the same. patient-id.key in --data-dir, made at first, if none is named."`
}

// privacyKey is the name under which a store keeps the fingerprint of the key that it began with.
const privacyKey = "patient_id_key"

// privacy is for a service. It reads the key, or makes it when the log has none yet, and holds it to the one with which the log began:
// under another, no patient would be found again.
func (o privacyOptions) privacy(ctx context.Context, where storeOptions, log sepsis.AuditLog) (audit.Privacy, error) {
	if o.AuditInputs == audit.FullInputs {
		return audit.InFull(), nil
	}
	path, err := o.keyFile(where.dir)
	if err != nil {
		return audit.Privacy{}, err
	}
	began, err := keyOf(ctx, log)
	if err != nil {
		return audit.Privacy{}, err
	}
	privacy, err := readPrivacy(path, began == "")
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("%w; no new one is made, because this audit log began with one: put that back from its backup, or give this instance the file of the others with --audit-hash-key-file", err)
	}
	if err == nil && began == "" {
		began, err = log.KeepOnce(ctx, privacyKey, privacy.Fingerprint()) // another instance may have begun meanwhile
	}
	if err != nil {
		return audit.Privacy{}, err
	}
	return privacy, sameKey(path, privacy, began)
}

// existing is for who looks: it makes no key, under which no patient would be found, and keeps nothing.
func (o privacyOptions) existing(ctx context.Context, where storeOptions, log sepsis.AuditLog) (audit.Privacy, error) {
	if o.AuditInputs == audit.FullInputs {
		return audit.InFull(), nil
	}
	path, err := o.keyFile(where.path)
	if err != nil {
		return audit.Privacy{}, err
	}
	privacy, err := readPrivacy(path, false)
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("there is no key to find a patient by: %w; --audit-hash-key-file must name that of the service (by default patient-id.key in its --data-dir)", err)
	}
	if err != nil {
		return audit.Privacy{}, err
	}
	began, err := keyOf(ctx, log)
	if err != nil || began == "" { // under no key, no patient is kept
		return privacy, err
	}
	return privacy, sameKey(path, privacy, began)
}

// keyOf is the fingerprint of the key with which a log began; empty for one that has not begun.
func keyOf(ctx context.Context, log sepsis.AuditLog) (string, error) {
	began, err := log.Kept(ctx, privacyKey)
	if errors.Is(err, sepsis.ErrNotFound) {
		return "", nil
	}
	return began, err
}

// readPrivacy reads the key, and may make it.
func readPrivacy(path string, mayMake bool) (audit.Privacy, error) {
	read := audit.ReadKey
	if mayMake {
		read = func(path string) ([32]byte, error) { return audit.ReadOrMakeKey(path, rand.Reader) }
	}
	key, err := read(path)
	return audit.Hashed(key), err
}

// sameKey refuses a key other than that with which a log began.
func sameKey(path string, privacy audit.Privacy, began string) error {
	if privacy.Fingerprint() != began {
		return errors.New(path + " is not the key with which this audit log began: give all instances the same file, with --audit-hash-key-file")
	}
	return nil
}

// keyFile is the file of the key, by default in the folder of what is kept.
func (o privacyOptions) keyFile(folder func() (string, error)) (string, error) {
	if o.AuditHashKeyFile != "" {
		return o.AuditHashKeyFile, nil
	}
	dir, err := folder()
	return filepath.Join(dir, "patient-id.key"), err
}
