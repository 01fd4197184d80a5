//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const oneStayCSV = "patient_id,icu_hour,age,heart_rate\na,1,67,90\n"

// TestWritesThroughPipes: what is no regular file stays what it is, and gets the rows.
func TestWritesThroughPipes(t *testing.T) {
	dir := folderOf(t, map[string]string{"in.csv": oneStayCSV, "p.psv": "HR|Age|ICULOS\n90|67|1\n"})
	if err := os.Mkdir(filepath.Join(dir, "out"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, arguments := range map[string][]string{
		"pipe": {"--data", filepath.Join(dir, "in.csv"), "--format", "csv", "--out", filepath.Join(dir, "pipe")},
		// a file for each stay goes through the writer of whole files
		"out/p.psv": {"--data", filepath.Join(dir, "p.psv"), "--out", filepath.Join(dir, "out")},
	} {
		pipe := filepath.Join(dir, name)
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		read, err := os.OpenFile(pipe, os.O_RDWR, 0) // also for writing, so that neither end waits, and less than a pipe holds is written
		if err != nil {
			t.Fatal(err)
		}
		must(t, append([]string{"predict"}, arguments...)...)
		if info, err := os.Lstat(pipe); err != nil || info.Mode().Type() != fs.ModeNamedPipe {
			t.Fatalf("%s is no pipe any more: %v, %v", name, info.Mode(), err)
		}
		buffer := make([]byte, 1<<16)
		n, err := read.Read(buffer)
		if err != nil || strings.Count(string(buffer[:n]), "\n") != 2 {
			t.Errorf("%s: %q, %v", name, buffer[:n], err)
		}
		if err := read.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFollowsLinks: what they lead to is replaced, and made where it is not there; the links stay.
func TestFollowsLinks(t *testing.T) {
	dir := folderOf(t, map[string]string{"in.csv": oneStayCSV, "p.psv": "HR|Age|ICULOS\n90|67|1\n", "far/real.csv": "old", "far/p": "old", "out/x": ""})
	for link, target := range map[string]string{
		"link.csv": "far/real.csv", "chain.csv": "link.csv", "new.csv": "far/new.csv", "loop.csv": "loop.csv", "far/up.csv": "../in.csv", "near": "far", "out/p.psv": filepath.Join(dir, "far", "p"),
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	in := filepath.Join(dir, "in.csv")
	before, err := os.Open(filepath.Join(dir, "far", "real.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = before.Close() }()
	must(t, "predict", "--data", in, "--out", filepath.Join(dir, "chain.csv"))
	must(t, "predict", "--data", in, "--out", filepath.Join(dir, "new.csv"))
	must(t, "predict", "--data", filepath.Join(dir, "p.psv"), "--out", filepath.Join(dir, "out"))
	for _, name := range []string{"far/real.csv", "far/new.csv", "far/p"} {
		if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || !info.Mode().IsRegular() || lines(t, filepath.Join(dir, name)) != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"link.csv", "chain.csv", "new.csv", "out/p.psv"} {
		if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || info.Mode().Type() != fs.ModeSymlink {
			t.Errorf("%s is no link any more: %v", name, err)
		}
	}
	old := make([]byte, 10) // who reads the old file reads it to its end
	if n, err := before.Read(old); err != nil || string(old[:n]) != "old" {
		t.Errorf("not replaced as a whole: %q, %v", old[:n], err)
	}
	for _, out := range []string{"far/up.csv", "near/up.csv"} {
		if _, err := sepsisCommand(t, "predict", "--data", in, "--out", filepath.Join(dir, out)); err == nil || !strings.Contains(err.Error(), "written over") {
			t.Errorf("%s: %v", out, err)
		}
	}
	if _, err := sepsisCommand(t, "predict", "--data", in, "--out", filepath.Join(dir, "loop.csv")); err == nil {
		t.Error("a link to itself is written")
	}
	if left, err := filepath.Glob(filepath.Join(dir, "far", ".*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestFilesOfPredictionsKeepToTheUmask.
func TestFilesOfPredictionsKeepToTheUmask(t *testing.T) {
	dir := folderOf(t, map[string]string{"in.csv": oneStayCSV})
	defer syscall.Umask(syscall.Umask(0o077))
	out := filepath.Join(dir, "out.csv")
	must(t, "predict", "--data", filepath.Join(dir, "in.csv"), "--out", out)
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestNeverWritesOverItsInput, by whatever name it is called, and also when it is an archive of tables.
func TestNeverWritesOverItsInput(t *testing.T) {
	archive := archiveOf(t, map[string]string{"in.csv": oneStayCSV})
	dir := folderOf(t, map[string]string{"in.csv": oneStayCSV, "p.psv": "HR|Age|ICULOS\n90|67|1\n"})
	linked := filepath.Join(filepath.Dir(archive), "hard.csv")
	if err := os.Link(archive, linked); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ data, out, input string }{
		{archive, archive, archive},
		{archive, linked, archive},
		{archive, filepath.Dir(archive) + "/./../" + filepath.Base(filepath.Dir(archive)) + "/stays.zip", archive},
		{dir, filepath.Join(dir, "in.csv"), filepath.Join(dir, "in.csv")},
		{dir, filepath.Join(dir, "p.psv"), filepath.Join(dir, "p.psv")},
	} {
		before, err := os.ReadFile(one.input)
		if err != nil {
			t.Fatal(err)
		}
		_, err = sepsisCommand(t, "predict", "--data", one.data, "--out", one.out, "--format", "csv")
		if err == nil || !strings.Contains(err.Error(), "written over") {
			t.Errorf("%s to %s: %v", one.data, one.out, err)
		}
		if after, err := os.ReadFile(one.input); err != nil || string(after) != string(before) {
			t.Errorf("%s is another file now, %v", one.input, err)
		}
	}
	fresh := filepath.Join(dir, "fresh.csv")
	must(t, "predict", "--data", dir, "--out", fresh)
	if _, err := os.Stat(fresh); errors.Is(err, fs.ErrNotExist) {
		t.Error("nothing is written beside the input")
	}
}
