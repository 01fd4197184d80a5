package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/medtech-detect/sepsis/server"
)

// TestADiskThatFillsIsTold at each look, in a line that the alarm of the simple form on AWS counts.
func TestADiskThatFillsIsTold(t *testing.T) {
	wanted := patternOfTheAlarm(t, "disk")
	for _, test := range []struct {
		disk  server.Disk
		err   error
		count int
		says  string
	}{
		{server.Disk{Free: 150, Size: 1000}, nil, 0, ""},
		{server.Disk{Free: 149, Size: 1000}, nil, 1, `"free_bytes":149,"size_bytes":1000`},
		{server.Disk{Free: 0, Size: 1000}, nil, 1, "sepsis audit erase"},
		{server.Disk{}, nil, 0, ""},
		{server.Disk{}, errors.ErrUnsupported, 0, ""},
		{server.Disk{}, errors.New("stale handle"), 0, "stale handle"},
	} {
		var log bytes.Buffer
		watch := diskWatch{disk: func() (server.Disk, error) { return test.disk, test.err }, logger: slog.New(slog.NewJSONHandler(&log, nil))}
		watch.look()
		found := 0
		for line := range strings.Lines(log.String()) {
			if hasAll(line, wanted) {
				found++
			}
		}
		if found != test.count || !strings.Contains(log.String(), test.says) || (test.says == "") != (log.Len() == 0) {
			t.Errorf("%+v, %v: %d lines for the alarm, want %d:\n%s", test.disk, test.err, found, test.count, &log)
		}
	}
}

// TestTheDiskIsLookedAtUntilTheServiceEnds.
func TestTheDiskIsLookedAtUntilTheServiceEnds(t *testing.T) {
	looks := make(chan struct{})
	watch := diskWatch{disk: func() (server.Disk, error) { looks <- struct{}{}; return server.Disk{Free: 1, Size: 1}, nil }}
	ctx, stop := context.WithCancel(t.Context())
	ticks, ended := make(chan time.Time), make(chan struct{})
	go func() { defer close(ended); watch.keep(ctx, ticks) }()
	for range 2 {
		ticks <- time.Time{}
		<-looks
	}
	stop()
	<-ended
}

// TestTheStartTellsOfADiskThatFills, on a real one.
func TestTheStartTellsOfADiskThatFills(t *testing.T) {
	dir := t.TempDir()
	const nearlyFull = `mount -t tmpfs -o "$1" tmpfs "$2" && head -c 14m /dev/zero > "$2/ballast"`
	s := launched(t, onDisk(t, nearlyFull, "size=16m", dir, program(t, "serve", "--listen", "127.0.0.1:0", "--data-dir", dir)))
	s.terminate(t)
	if !strings.Contains(s.log.String(), `"msg":"the disk of the audit log fills"`) {
		t.Errorf("log\n%s", s.log)
	}
}

// TestTheLogTellsOfTheDiskWhenTheRuleDoes.
func TestTheLogTellsOfTheDiskWhenTheRuleDoes(t *testing.T) {
	rules, err := os.ReadFile(filepath.Join("..", "..", "deploy", "monitoring", "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if rule := fmt.Sprintf("expr: sepsis_disk_free_bytes / sepsis_disk_size_bytes < %v\n", fillsBelow); !strings.Contains(string(rules), rule) {
		t.Errorf("alerts.yml has no %s", rule)
	}
}
