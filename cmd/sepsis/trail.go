package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/medtech-detect/sepsis/audit"
	"github.com/medtech-detect/sepsis/server"
)

// noTrail is the value of --audit that keeps no audit log.
const noTrail = "off"

// trailOptions say how predictions are recorded.
type trailOptions struct {
	Audit          string        `enum:"required,best-effort,off" default:"required" help:"What gives when the audit log cannot be written: the answer (required) or the record (best-effort). With off, none is kept (required, best-effort, off)."`
	AuditWait      time.Duration `default:"2s" help:"How long an answer may wait for its record, with --audit=required; then it is refused with 503."`
	AuditRetention int           `default:"0" placeholder:"DAYS" help:"Erase predictions after so many days; 0 keeps them."`
}

// Validate is called by kong.
func (o trailOptions) Validate() error {
	switch {
	case o.AuditWait <= 0:
		return errors.New("--audit-wait must be above 0")
	case o.AuditRetention < 0:
		return errors.New("--audit-retention must not be below 0")
	}
	return nil
}

// trail is the audit log of a running service. Without one its fields are nil.
type trail struct {
	store    store
	recorder *audit.Recorder
	retained sync.WaitGroup
}

// start opens the store and records into it. Old records are erased until the context ends.
func (o trailOptions) start(ctx context.Context, where storeOptions, kept privacyOptions, logger *slog.Logger) (*trail, error) {
	if o.Audit == noTrail {
		logger.Warn("no audit log is kept", "audit", o.Audit)
		return &trail{}, nil
	}
	log, err := where.open(ctx)
	if err != nil {
		return nil, err
	}
	privacy, err := kept.privacy(ctx, where, log)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	t := &trail{store: log, recorder: audit.NewRecorder(audit.Options{
		Log: log, Policy: audit.Policy(o.Audit), Wait: o.AuditWait, Privacy: privacy, Clock: time.Now, Logger: logger,
	})}
	if o.AuditRetention > 0 {
		t.retained.Go(func() {
			hourly := time.NewTicker(time.Hour)
			defer hourly.Stop()
			audit.Retain(ctx, log, time.Duration(o.AuditRetention)*24*time.Hour, time.Now, hourly.C, logger)
		})
	}
	return t, nil
}

// configure tells the server of the trail.
func (t *trail) configure(config *server.Config) {
	if t.recorder != nil {
		config.Audit, config.AuditLog = t.recorder, t.store
	}
}

// close writes what waits, for as long as the context lasts. The context of start must have ended.
func (t *trail) close(ctx context.Context) error {
	if t.recorder == nil {
		return nil
	}
	t.recorder.Close(ctx)
	t.retained.Wait()
	return t.store.Close()
}
