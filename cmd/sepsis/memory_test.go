package main

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// TestMemoryOfTheMachine: what the files of a Linux machine say (proc(5), cgroups(7)), to a process that holds 100 bytes.
func TestMemoryOfTheMachine(t *testing.T) {
	const meminfo = "MemTotal:       16000000 kB\nMemAvailable:         10 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
		known bool
	}{
		"nothing known":                {nil, 0, false},
		"no container":                 {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "max\n"}, 10 << 10, true},
		"a container":                  {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "5100\n"}, 5000, true},
		"a container of version 1":     {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory/memory.limit_in_bytes": "5100\n"}, 5000, true},
		"a container that is full":     {map[string]string{"sys/fs/cgroup/memory.max": "50\n"}, 0, true},
		"a group larger than the rest": {map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "9223372036854771712\n"}, 10 << 10, true},
		"an old kernel":                {map[string]string{"proc/meminfo": "MemTotal: 16000000 kB\n"}, 0, false},
	} {
		files := fstest.MapFS{}
		for path, text := range c.files {
			files[path] = &fstest.MapFile{Data: []byte(text)}
		}
		if got, known := available(files, 100); got != c.want || known != c.known {
			t.Errorf("%s: %d, %t", name, got, known)
		}
	}
}

// TestTrainingThatDoesNotFit is refused before it begins, with what it needs and what would help.
func TestTrainingThatDoesNotFit(t *testing.T) {
	dir := t.TempDir()
	data, out := filepath.Join(dir, "data"), filepath.Join(dir, "out.sepsis")
	must(t, "data", "synth", "--out", data, "--stays", "30", "--septic-share", "0.3")
	_, err := sepsisCommand(t, "train", "--data", data, "--out", out, "--rounds", "3", "--memory", "0.000001")
	if err == nil || !strings.Contains(err.Error(), "columns need about") || strings.Contains(err.Error(), " 0.0 ") || !strings.Contains(err.Error(), "there are 1.0 KiB") || !strings.Contains(err.Error(), "--memory") {
		t.Errorf("%v", err)
	}
	for _, memory := range []string{"-1", "NaN", "1e300", "1e10"} { // the last of which is no number of bytes
		if _, err := sepsisCommand(t, "train", "--data", data, "--out", out, "--memory="+memory); err == nil || !strings.Contains(err.Error(), "--memory must lie within") {
			t.Errorf("%s: %v", memory, err)
		}
	}
}
