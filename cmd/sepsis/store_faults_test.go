package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/postgres/postgrestest"
	"github.com/medtech-detect/sepsis/sqlite"
	"github.com/medtech-detect/sepsis/sqlstore/storetest"
)

// recordedIn gives the ids of an audit log.
func recordedIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	log, err := sqlite.Open(t.Context(), filepath.Join(dir, "sepsis.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	err = log.Records(t.Context(), sepsis.AuditQuery{Brief: true}, func(r sepsis.Record) error { ids[r.ID] = true; return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return ids
}

func holdsAll(t *testing.T, recorded map[string]bool, given *answered) {
	t.Helper()
	lost := 0
	for _, id := range given.ids {
		if !recorded[id] {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of %d answered predictions are not in the log", lost, len(given.ids))
	}
	if len(given.other) > 0 {
		t.Errorf("statuses %v", given.other)
	}
}

// TestKilledUnderLoad: whatever was answered before kill -9 is in the log, three times in a row on the same file.
func TestKilledUnderLoad(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		s := serving(t, "--data-dir", dir)
		given, done := s.load(t.Context(), 8, plainBody)
		until(t, "answers", func() bool { return given.count() >= 200 })
		if err := s.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		done()
		holdsAll(t, recordedIn(t, dir), given)
	}
}

// TestKilledDuringABatch: whatever a batch had answered before kill -9 is in the log, though its end was never sent.
func TestKilledDuringABatch(t *testing.T) {
	dir := t.TempDir()
	s := serving(t, "--data-dir", dir)
	patients, send := io.Pipe()
	go func() {
		for {
			if _, err := io.WriteString(send, plainBody+"\n"); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { _ = patients.Close() })
	lines := s.batch(t, patients)
	given := &answered{}
	answers := bufio.NewScanner(lines)
	for answers.Scan() {
		var answer struct{ ID string }
		if err := json.Unmarshal(answers.Bytes(), &answer); err != nil || answer.ID == "" {
			break // the line that the kill has cut off
		}
		given.note(http.StatusOK, answer.ID, 0)
		if given.count() == 200 {
			if err := s.command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if given.count() < 200 {
		t.Fatalf("%d answers before the kill, the last line %s", given.count(), answers.Text())
	}
	if _, err := s.command.Process.Wait(); err != nil {
		t.Fatal(err)
	}
	holdsAll(t, recordedIn(t, dir), given)
}

// TestTerminatedUnderLoad: under best effort, too, an orderly end loses nothing.
func TestTerminatedUnderLoad(t *testing.T) {
	dir := t.TempDir()
	s := serving(t, "--data-dir", dir, "--audit", "best-effort")
	ctx, stop := context.WithCancel(t.Context())
	given, done := s.load(ctx, 8, plainBody)
	until(t, "answers", func() bool { return given.count() >= 200 })
	stop()
	done()
	s.terminate(t)
	holdsAll(t, recordedIn(t, dir), given)
	if strings.Contains(s.log.String(), "Jane") {
		t.Error("the log names a patient")
	}
}

// onSmallDisk is a command that runs on a disk of its own of so many bytes, a tmpfs that only the process sees. What
// stands in the folder beforehand is not there.
func onSmallDisk(t *testing.T, dir, options string, command *exec.Cmd) *exec.Cmd {
	t.Helper()
	return onDisk(t, `mount -t tmpfs -o "$1" tmpfs "$2"`, options, dir, command)
}

// onDisk is a command that runs where a shell's line has mounted something that only the process sees, of its arguments $1 and
// $2, the folder. Where the system does not allow that the test is skipped; with SEPSIS_TEST_DISKS=required it fails.
func onDisk(t *testing.T, mount, what, dir string, command *exec.Cmd) *exec.Cmd {
	t.Helper()
	script := mount + ` || exit 77; shift 2; exec "$@"`
	wrapped := func(arguments ...string) *exec.Cmd {
		made := exec.CommandContext(context.Background(), "sh", append([]string{"-c", script, "sh", what, dir}, arguments...)...) //nolint:gosec // the test's own words
		made.Env = command.Env
		made.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
		if os.Getuid() != 0 {
			made.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
			made.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			made.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
		return made
	}
	if told, err := wrapped("true").CombinedOutput(); err != nil {
		withoutDisk(t, fmt.Errorf("%w: %s", err, told))
	}
	return wrapped(command.Args...)
}

// withoutDisk ends a test that cannot have its disk.
func withoutDisk(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("SEPSIS_TEST_DISKS") == "required" {
		t.Fatalf("no disk of its own can be made for a process here, and SEPSIS_TEST_DISKS asks for it: %v", err)
	}
	t.Skipf("no disk of its own can be made for a process here: %v", err)
}

// TestDiskFull: when the disk is full, nothing is answered that is not in the log; health says so; and when there is
// room again, it goes on by itself.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	s := launched(t, onSmallDisk(t, dir, "size=2m", program(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--audit-wait", "1s",
		"--audit-inputs", "full")))
	inside := fmt.Sprintf("/proc/%d/root%s", s.command.Process.Pid, dir)
	ballast := filepath.Join(inside, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	given, done := s.load(ctx, 4, strings.TrimSuffix(plainBody, "}")+strings.Repeat(" ", 16<<10)+"}")
	until(t, "a full disk", func() bool { return strings.Contains(s.log.String(), "disk is full") })
	until(t, "refusals", func() bool { given.mu.Lock(); defer given.mu.Unlock(); return given.refused >= 4 })
	// A row still fits now and then where a record does not.
	until(t, "health that says so", func() bool {
		status, body := s.ask(t, "GET", "/health", "")
		return status == http.StatusServiceUnavailable && body == "the audit log cannot be written"
	})
	if _, metrics := s.ask(t, "GET", "/metrics", ""); !strings.Contains(metrics, "\nsepsis_disk_size_bytes 2.097152e+06\n") || !strings.Contains(metrics, "\nsepsis_disk_free_bytes ") {
		t.Error("the metrics do not tell of a disk of 2 MiB")
	}
	before := given.count()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	until(t, "answers after there is room again", func() bool { return given.count() > before+2 })
	stop()
	done()
	holdsAll(t, s.listed(t), given)
	if given.longest > 20*time.Second { // a busy machine needs time to wake up; audit's own tests hold the bound exactly
		t.Errorf("an answer took %v, and may wait a second for its record", given.longest)
	}
	if log := s.log.String(); !strings.Contains(log, "the audit log cannot be written") || !strings.Contains(log, "the audit log is written again") || strings.Contains(log, "Jane") {
		t.Errorf("log\n%s", log)
	}
}

// TestDiskFullUnderBestEffort: answers go on, and what is lost is counted and told.
func TestDiskFullUnderBestEffort(t *testing.T) {
	dir := t.TempDir()
	s := launched(t, onSmallDisk(t, dir, "size=1m", program(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--audit", "best-effort",
		"--audit-inputs", "full")))
	ctx, stop := context.WithCancel(t.Context())
	// 64 MiB wait in memory: bodies of 1 MiB fill the queue after some 64 requests.
	given, done := s.load(ctx, 2, strings.TrimSuffix(plainBody, "}")+strings.Repeat(" ", 1<<20)+"}")
	until(t, "records to be lost", func() bool { return strings.Contains(s.log.String(), "records of predictions are lost") })
	until(t, "answers", func() bool { return given.count() >= 80 })
	if status, _ := s.ask(t, "GET", "/health", ""); status != http.StatusServiceUnavailable {
		t.Errorf("health is %d", status)
	}
	if status, body := s.ask(t, "GET", "/readyz", ""); status != http.StatusOK {
		t.Errorf("not ready, though it answers: %d %s", status, body)
	}
	stop()
	done()
	if given.refused > 0 || len(given.other) > 0 {
		t.Errorf("%d refused, others %v", given.refused, given.other)
	}
	s.terminate(t)
	if !strings.Contains(s.log.String(), "the audit log is not complete") {
		t.Errorf("the end does not tell of losses:\n%s", s.log)
	}
}

// TestReadOnlyDisk: without a place to write the service does not begin, and says what to do.
func TestReadOnlyDisk(t *testing.T) {
	dir := t.TempDir()
	told, err := onSmallDisk(t, dir, "ro", program(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir)).CombinedOutput()
	if err == nil || !strings.Contains(string(told), "read-only file system") || !strings.Contains(string(told), "--data-dir") {
		t.Errorf("error %v, told %s", err, told)
	}
}

// TestTheDiskTurnsReadOnly while the service runs, as a file system does by itself when its device has failed: nothing
// is answered from then on, health says so, what was answered is in the log and can be read, and the service ends in order.
func TestTheDiskTurnsReadOnly(t *testing.T) {
	dir, image := t.TempDir(), filepath.Join(t.TempDir(), "image")
	if err := os.WriteFile(image, make([]byte, 16<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if told, err := exec.CommandContext(t.Context(), "mkfs.ext4", "-q", image).CombinedOutput(); err != nil { //nolint:gosec // the test's own words
		withoutDisk(t, fmt.Errorf("%w: %s", err, told))
	}
	s := launched(t, onDisk(t, `mount -o loop "$1" "$2"`, image, dir, program(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--audit-wait", "1s")))
	ctx, stop := context.WithCancel(t.Context())
	given, done := s.load(ctx, 4, plainBody)
	until(t, "answers", func() bool { return given.count() >= 50 })
	// Not `ro`: the kernel refuses that while files are open for writing.
	remount := exec.CommandContext(t.Context(), "nsenter", "--mount", "--target", strconv.Itoa(s.command.Process.Pid), "mount", "-o", "remount,abort", dir) //nolint:gosec // the test's own words
	if told, err := remount.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, told)
	}
	until(t, "refusals", func() bool { given.mu.Lock(); defer given.mu.Unlock(); return given.refused >= 8 })
	until(t, "health that says so", func() bool {
		status, body := s.ask(t, "GET", "/health", "")
		return status == http.StatusServiceUnavailable && body == "the audit log cannot be written"
	})
	before := given.count()
	until(t, "more refusals", func() bool { given.mu.Lock(); defer given.mu.Unlock(); return given.refused >= 16 })
	stop()
	done()
	if got := given.count(); got != before {
		t.Errorf("%d answers after the disk could not be written any more", got-before)
	}
	holdsAll(t, s.listed(t), given)
	s.signal(t, syscall.SIGTERM)
	_ = s.ended(t) // it may tell of what it could not write
	if log := s.log.String(); !strings.Contains(log, "the audit log cannot be written") || strings.Contains(log, "panic") || strings.Contains(log, "Jane") {
		t.Errorf("log\n%s", log)
	}
}

// listed walks through the pages of the audit log.
func (s *instance) listed(t *testing.T) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for path := "/predictions?limit=1000"; ; {
		status, body := s.ask(t, "GET", path, "")
		var page struct {
			Predictions []struct{ ID string }
			Next        string
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil || status != http.StatusOK {
			t.Fatalf("%d, %v: %s", status, err, body)
		}
		for _, p := range page.Predictions {
			ids[p.ID] = true
		}
		if page.Next == "" {
			return ids
		}
		path = "/predictions?limit=1000&cursor=" + page.Next
	}
}

// TestKeysAreHeldToTheLog: an instance with another key would find no patient again.
func TestKeysAreHeldToTheLog(t *testing.T) {
	dir := t.TempDir()
	serving(t, "--data-dir", dir).terminate(t)
	key := filepath.Join(dir, "other.key")
	if err := os.WriteFile(key, []byte(strings.Repeat("a", 64)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sepsisCommand(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--audit-hash-key-file", key)
	if err == nil || !strings.Contains(err.Error(), "not the key with which this audit log began") {
		t.Errorf("error %v", err)
	}
}

// TestALostKeyIsNotReplaced: a new one would be wrong, and the next backup would put it in the place of the right one.
func TestALostKeyIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	serving(t, "--data-dir", dir).terminate(t)
	key, away := filepath.Join(dir, "patient-id.key"), filepath.Join(dir, "backup.key")
	if err := os.Rename(key, away); err != nil {
		t.Fatal(err)
	}
	_, err := sepsisCommand(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir)
	if err == nil || !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), "put that back from its backup") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(key); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a new key was made: %v", err)
	}
	if err := os.Rename(away, key); err != nil {
		t.Fatal(err)
	}
	serving(t, "--data-dir", dir).terminate(t)
}

// TestOneServiceAFile: the second is told who is in its way; commands are not in anybody's, and who was killed is no longer.
func TestOneServiceAFile(t *testing.T) {
	dir := t.TempDir()
	s := serving(t, "--data-dir", dir)
	_, err := sepsisCommand(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir)
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "sepsis.db.lock")) || !strings.Contains(err.Error(), "another service uses it") {
		t.Errorf("error %v", err)
	}
	must(t, "key", "create", "--data-dir", dir, "--name", "ward 3", "--role", "predict")
	must(t, "audit", "erase", "--data-dir", dir, "--before", "2020-01-01")
	if err := s.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.ended(t)
	serving(t, "--data-dir", dir).terminate(t)
	serving(t, "--data-dir", dir, "--audit", "off").terminate(t)
}

// TestNoStoreIsMadeToLookAt: a misspelt folder is no store in which nothing is kept.
func TestNoStoreIsMadeToLookAt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "typo")
	for _, command := range [][]string{
		{"key", "list"}, {"key", "revoke", "x"}, {"audit", "export", "--out", filepath.Join(t.TempDir(), "out")}, {"audit", "erase", "--before", "2020-01-01"},
	} {
		_, err := sepsisCommand(t, append(command, "--data-dir", dir)...)
		if err == nil || !strings.Contains(err.Error(), "there is no store") || !strings.Contains(err.Error(), dir) {
			t.Errorf("%v: %v", command, err)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
	must(t, "key", "create", "--data-dir", dir, "--name", "ward 3", "--role", "predict")
	must(t, "key", "list", "--data-dir", dir)
}

// TestNoKeyIsMadeToLookForAPatient: under a new one nobody would be found, and the service would not start with its own.
func TestNoKeyIsMadeToLookForAPatient(t *testing.T) {
	dir := t.TempDir()
	must(t, "key", "create", "--data-dir", dir, "--name", "ward 3", "--role", "predict")
	service := filepath.Join(t.TempDir(), "service.key")
	out := filepath.Join(dir, "none.ndjson")
	for path, options := range map[string][]string{filepath.Join(dir, "patient-id.key"): nil, service: {"--audit-hash-key-file", service}} {
		_, err := sepsisCommand(t, append([]string{"audit", "export", "--data-dir", dir, "--patient", "Jane", "--out", out}, options...)...)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "--audit-hash-key-file must name") {
			t.Errorf("error %v", err)
		}
		for _, left := range []string{path, out} {
			if _, err := os.Stat(left); err == nil {
				t.Errorf("%s was made", left)
			}
		}
	}
	must(t, "audit", "export", "--data-dir", dir, "--patient", "Jane", "--audit-inputs", "full", "--out", out) // needs none
	if err := os.WriteFile(service, []byte(strings.Repeat("a", 64)), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := []string{"audit", "export", "--data-dir", dir, "--patient", "Jane", "--audit-hash-key-file", service, "--out"}
	must(t, append(wrong, filepath.Join(dir, "before.ndjson"))...) // finds nobody, and is not the key of the service for that
	serving(t, "--data-dir", dir).terminate(t)
	if _, err := sepsisCommand(t, append(wrong, filepath.Join(dir, "wrong.ndjson"))...); err == nil || !strings.Contains(err.Error(), "not the key with which this audit log began") {
		t.Errorf("the wrong key: %v", err)
	}
	must(t, "audit", "export", "--data-dir", dir, "--patient", "Jane", "--out", filepath.Join(dir, "served.ndjson"))
}

// TestExportAndErase goes the operator's way.
func TestExportAndErase(t *testing.T) {
	dir := t.TempDir()
	s := serving(t, "--data-dir", dir)
	for range 3 {
		if status, _, err := s.predict(http.DefaultClient, plainBody); status != http.StatusOK || err != nil {
			t.Fatalf("%d %v", status, err)
		}
	}
	out := filepath.Join(dir, "export.ndjson")
	must(t, "audit", "export", "--data-dir", dir, "--out", out, "--patient", "Jane", "--from", "2026-01-01") // beside the running service
	if got := lines(t, out); got != 3 {
		t.Errorf("%d lines", got)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	if _, err := sepsisCommand(t, "audit", "export", "--data-dir", dir, "--out", out); err == nil {
		t.Error("an export was written over another")
	}
	for want, options := range map[string][]string{
		"patient: patient must have 1":    {"--patient", ""}, // as of a script whose variable is not set: not all patients
		"caller: caller must have 1":      {"--caller", ""},
		"model: another form is expected": {"--model-sha256", "XYZ"},
		"to: to is not after from":        {"--from", "2026-02-01", "--to", "2026-01-01"},
		"caller: caller must have":        {"--caller", strings.Repeat("x", 1025)},
		"patient: patient must have":      {"--patient", strings.Repeat("x", 129)},
	} {
		nonsense := filepath.Join(dir, "nonsense.ndjson")
		_, err := sepsisCommand(t, append([]string{"audit", "export", "--data-dir", dir, "--out", nonsense}, options...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", options, err)
		}
		if _, err := os.Stat(nonsense); err == nil {
			t.Errorf("%v left a file", options)
		}
	}
	none := filepath.Join(dir, "none.ndjson")
	must(t, "audit", "export", "--data-dir", dir, "--out", none, "--to", "0001-01-01")
	if got := lines(t, none); got != 0 {
		t.Errorf("%d lines from before the first day", got)
	}
	if _, err := sepsisCommand(t, "audit", "erase", "--data-dir", dir, "--before", "tomorrow"); err == nil {
		t.Error("tomorrow is no day")
	}
	if told, err := sepsisCommand(t, "audit", "erase", "--data-dir", dir, "--before", "2200-01-01"); err == nil || told != "" || !strings.Contains(err.Error(), "--yes") {
		t.Errorf("a day that is yet to come: told %q, error %v", told, err)
	}
	if left := recordedIn(t, dir); len(left) != 3 {
		t.Errorf("left %v", left)
	}
	if told := must(t, "audit", "erase", "--data-dir", dir, "--before", "2200-01-01", "--yes"); !strings.HasPrefix(told, "erased 3 predictions") {
		t.Errorf("told %s", told)
	}
	s.terminate(t)
	if left := recordedIn(t, dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	database, err := sql.Open("sqlite", filepath.Join(dir, "sepsis.db"))
	if err != nil {
		t.Fatal(err)
	}
	var who erasure
	var told string
	err = database.QueryRowContext(t.Context(), "SELECT value FROM settings WHERE name LIKE 'erasure %'").Scan(&told)
	if err := errors.Join(err, json.Unmarshal([]byte(told), &who), database.Close()); err != nil || who.By == "" || who.Before.Year() != 2200 || who.Erased != 3 {
		t.Errorf("kept of who erased: %s, %v", told, err)
	}
}

// TestRetentionHasBounds: a number of days that no clock can go back would be the whole log.
func TestRetentionHasBounds(t *testing.T) {
	dir := t.TempDir()
	for _, days := range []string{"-1", "36501", "999999", "9223372036854775807"} {
		_, err := sepsisCommand(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--audit-retention="+days)
		if err == nil || !strings.Contains(err.Error(), "--audit-retention must lie within 0 and 36500 days") {
			t.Errorf("%s days: %v", days, err)
		}
	}
	s := serving(t, "--data-dir", dir, "--audit-retention", "36500")
	if status, _, err := s.predict(http.DefaultClient, plainBody); status != http.StatusOK || err != nil {
		t.Fatalf("%d %v", status, err)
	}
	s.terminate(t)
	s = serving(t, "--data-dir", dir, "--audit-retention", "182")
	if !strings.Contains(s.log.String(), "Article 26(6)") {
		t.Errorf("no warning in the log: %s", s.log.String())
	}
	s.terminate(t)
	if left := recordedIn(t, dir); len(left) != 1 {
		t.Errorf("left %v", left)
	}
}

// recordsOfAge makes a store with records of so many days ago.
func recordsOfAge(t *testing.T, dir string, days ...int) {
	t.Helper()
	log, err := sqlite.Open(t.Context(), filepath.Join(dir, "sepsis.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, age := range days {
		record := storetest.Record(age)
		record.Time = time.Now().AddDate(0, 0, -age).UTC().Truncate(time.Millisecond)
		record.ID = ulid.MustNew(ulid.Timestamp(record.Time), rand.Reader).String()
		if err := log.Append(t.Context(), []sepsis.Record{record}); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestRetentionGoesOnWithoutAnAuditLog: what was kept before has its time all the same.
func TestRetentionGoesOnWithoutAnAuditLog(t *testing.T) {
	dir := t.TempDir()
	recordsOfAge(t, dir, 40, 35, 25, 5)
	s := serving(t, "--data-dir", dir, "--audit", "off", "--audit-retention", "30")
	s.line(t, "predictions are erased sooner than Article 26(6) of the EU's AI Act allows where it applies")
	s.line(t, "erased old predictions")
	s.terminate(t)
	if left := recordedIn(t, dir); len(left) != 2 {
		t.Errorf("left %v", left)
	}
}

// TestRetentionDoesNotEraseTheWholeLog at a start: the clock may be ahead. The operator may.
func TestRetentionDoesNotEraseTheWholeLog(t *testing.T) {
	dir := t.TempDir()
	recordsOfAge(t, dir, 500, 400)
	s := serving(t, "--data-dir", dir, "--audit-retention", "365")
	s.line(t, "old predictions cannot be erased")
	until(t, "the metrics to tell of it", func() bool {
		_, metrics := s.ask(t, "GET", "/metrics", "")
		return strings.Contains(metrics, "\nsepsis_audit_retention_held 1\n")
	})
	s.terminate(t)
	if left := recordedIn(t, dir); len(left) != 2 {
		t.Errorf("left %v", left)
	}
	must(t, "audit", "erase", "--data-dir", dir, "--before", time.Now().AddDate(0, 0, -365).Format(time.DateOnly))
	if left := recordedIn(t, dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

// TestPostgresOfSeveralInstances: instances that start at once on an empty database share one log, and what one
// answered before it was killed the other shows.
func TestPostgresOfSeveralInstances(t *testing.T) {
	dir, address := t.TempDir(), postgrestest.Database(t)
	services := make([]*instance, 3)
	for i := range services {
		command := program(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir)
		command.Env = append(command.Env, "SEPSIS_DATABASE_URL="+address)
		services[i] = begun(t, command)
	}
	for _, s := range services {
		s.listens(t)
	}
	ctx, stop := context.WithCancel(t.Context())
	killed, doneKilled := services[0].load(ctx, 4, plainBody)
	other, doneOther := services[1].load(ctx, 4, plainBody)
	until(t, "answers", func() bool { return killed.count() > 100 && other.count() > 100 })
	if err := services[0].command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	doneKilled()
	stop()
	doneOther()
	recorded := services[2].listed(t)
	holdsAll(t, recorded, killed)
	holdsAll(t, recorded, other)
}

// TestPostgresIsLeftAsItIs by commands that look at it, until the service or a first key makes the tables: it may be somebody else's.
func TestPostgresIsLeftAsItIs(t *testing.T) {
	dir, address := filepath.Join(t.TempDir(), "typo"), postgrestest.Database(t)
	database, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	if _, err := database.ExecContext(t.Context(), "CREATE TABLE predictions (id INT)"); err != nil { // of another program
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"key", "list"}, {"key", "revoke", "x"}, {"audit", "export", "--patient", "x", "--out", filepath.Join(t.TempDir(), "out")}, {"audit", "erase", "--before", "2020-01-01"},
	} {
		_, err := sepsisCommand(t, append(command, "--database-url", address, "--data-dir", dir)...)
		if err == nil || !strings.Contains(err.Error(), "there is no store") || !strings.Contains(err.Error(), "`sepsis key create`") {
			t.Errorf("%v: %v", command, err)
		}
	}
	var made int
	err = database.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").Scan(&made)
	if err != nil || made != 1 {
		t.Errorf("%d things in the database, error %v", made, err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
	empty := postgrestest.Database(t)
	must(t, "key", "create", "--database-url", empty, "--name", "ward 3", "--role", "predict")
	if listed := must(t, "key", "list", "--database-url", empty); !strings.Contains(listed, "ward 3") {
		t.Errorf("listed %s", listed)
	}
}
