package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/medtech-detect/sepsis/audit"
	"github.com/medtech-detect/sepsis/monitor"
	"github.com/medtech-detect/sepsis/server"
)

// noTrail is the value of --audit that keeps no audit log.
const noTrail = "off"

// deployerDays is how long who deploys a high-risk system has to keep its logs at least, in days: six months, by Article 26(6) of
// Regulation (EU) 2024/1689 (AI Act).
const deployerDays = 183

// trailOptions say how predictions are recorded.
type trailOptions struct {
	Audit          string        `enum:"required,best-effort,off" default:"required" help:"What gives when the audit log cannot be written: the answer (required) or the record (best-effort). With off, none is kept (required, best-effort, off)."`
	AuditWait      time.Duration `default:"2s" help:"How long an answer may wait for its record, with --audit=required; then it is refused with 503."`
	AuditRetention int           `default:"0" placeholder:"DAYS" help:"Erase predictions after so many days, up to 36,500, also those of earlier times with --audit=off; 0 keeps them."`
}

// Validate is called by kong.
func (o trailOptions) Validate() error {
	switch {
	case o.AuditWait <= 0:
		return errors.New("--audit-wait must be above 0")
	case o.AuditWait > writeTimeout/2:
		return fmt.Errorf("--audit-wait must be at most %v: the connection is cut %v after the request", writeTimeout/2, writeTimeout)
	case o.AuditRetention < 0 || o.AuditRetention > audit.MaxRetention:
		return fmt.Errorf("--audit-retention must lie within 0 and %d days", audit.MaxRetention)
	}
	return nil
}

// trail is the audit log of a running service, and the store in which it is kept beside the keys.
type trail struct {
	store    store
	held     io.Closer       // the file of the store, if it is one
	recorder *audit.Recorder // nil when no audit log is kept
	reading  sync.WaitGroup  // who reads and erases in the background
	retained *atomic.Bool    // whether old records are kept longer than they should be; nil when none are erased
}

// start opens the store and records into it. Old records are erased until the context ends.
func (o trailOptions) start(ctx context.Context, where storeOptions, kept privacyOptions, logger *slog.Logger) (*trail, error) {
	held, err := where.hold()
	if err != nil {
		return nil, err
	}
	log, err := where.open(ctx, logger)
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	t := &trail{store: log, held: held}
	if o.Audit == noTrail {
		logger.Warn("no audit log is kept", "audit", o.Audit)
	} else {
		privacy, err := kept.privacy(ctx, where, log)
		if err != nil {
			return nil, errors.Join(err, log.Close(), held.Close())
		}
		t.recorder = audit.NewRecorder(audit.Options{
			Log: log, Policy: audit.Policy(o.Audit), Wait: o.AuditWait, Privacy: privacy, Clock: time.Now, Logger: logger,
		})
	}
	if o.AuditRetention > 0 {
		o.retain(ctx, t, logger)
	}
	return t, nil
}

// retain erases old records until the context ends, also those that were kept before none were.
func (o trailOptions) retain(ctx context.Context, t *trail, logger *slog.Logger) {
	if o.AuditRetention < deployerDays {
		logger.Warn("predictions are erased sooner than Article 26(6) of the EU's AI Act allows where it applies", "audit_retention_days", o.AuditRetention, "at_least", deployerDays)
	}
	begun := time.Now()
	t.retained = new(atomic.Bool)
	retention := audit.Retention{
		Log: t.store, Days: o.AuditRetention, Clock: time.Now, Elapsed: func() time.Duration { return time.Since(begun) }, Held: t.retained, Logger: logger,
	}
	t.reading.Go(func() {
		hourly := time.NewTicker(time.Hour)
		defer hourly.Stop()
		retention.Keep(ctx, hourly.C)
	})
}

// watched lets the monitoring read every minute what became of the predictions, until the context ends.
func (t *trail) watched(ctx context.Context, by *monitor.Monitor, logger *slog.Logger) {
	if t.recorder == nil {
		return
	}
	t.reading.Go(func() {
		minutely := time.NewTicker(time.Minute)
		defer minutely.Stop()
		by.Keep(ctx, t.store, time.Now, minutely.C, func(err error) { logger.Error("monitoring", "error", err) })
	})
}

// configure tells the server of the trail.
func (t *trail) configure(config *server.Config) {
	if t.retained != nil {
		config.AuditHeld = t.retained.Load
	}
	if t.recorder != nil {
		config.Audit, config.AuditLog = t.recorder, t.store
		config.AuditSpared = t.recorder.Policy == audit.BestEffort
	}
}

// close writes what waits, for as long as the context lasts. The context of start must have ended.
func (t *trail) close(ctx context.Context) error {
	if t.recorder != nil {
		t.recorder.Close(ctx)
	}
	t.reading.Wait()
	return errors.Join(t.store.Close(), t.held.Close())
}
