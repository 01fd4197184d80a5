package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/medtech-detect/sepsis/server"
)

// fillsBelow is the free share of a disk below which the log tells of it: as the rule SepsisDiskFills of deploy/monitoring/alerts.yml.
const fillsBelow = 0.15

// diskWatch tells in the log that the disk of the audit log fills, for those whom no Prometheus tells.
type diskWatch struct {
	disk   func() (server.Disk, error)
	logger *slog.Logger
}

// look tells when there is too little room.
func (w diskWatch) look() {
	disk, err := w.disk()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
	case err != nil:
		w.logger.Warn("it cannot be told how full the disk of the audit log is", "error", err)
	case float64(disk.Free) < fillsBelow*float64(disk.Size):
		// An alarm of the simple form on AWS finds the line by its message (deploy/terraform/settings/alarms.tf).
		w.logger.Warn("the disk of the audit log fills", "free_bytes", disk.Free, "size_bytes", disk.Size,
			"cure", "make it larger, or erase what need not be kept: sepsis audit erase")
	}
}

// keep looks at each tick until the context ends.
func (w diskWatch) keep(ctx context.Context, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			w.look()
		}
	}
}

// watchDisk looks at the disk at once and each hour until the context ends. A store in a database has no disk here, and disk is nil.
func (t *trail) watchDisk(ctx context.Context, disk func() (server.Disk, error), logger *slog.Logger) {
	if disk == nil {
		return
	}
	watch := diskWatch{disk: disk, logger: logger}
	watch.look()
	t.reading.Go(func() {
		hourly := time.NewTicker(time.Hour)
		defer hourly.Stop()
		watch.keep(ctx, hourly.C)
	})
}
