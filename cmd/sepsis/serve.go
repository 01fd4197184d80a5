package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/medtech-detect/sepsis"
	"github.com/medtech-detect/sepsis/access"
	"github.com/medtech-detect/sepsis/cdsclient"
	"github.com/medtech-detect/sepsis/evidence"
	"github.com/medtech-detect/sepsis/monitor"
	"github.com/medtech-detect/sepsis/server"
)

// Bounds on a connection: a client that is slower than this is not a hospital's system.
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 30 * time.Second
	writeTimeout   = 60 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10 // net/http refuses some KiB later: as the API's description says
)

type serveCommand struct {
	Listen      string `default:"127.0.0.1:8080" help:"Address to listen on."`
	Model       string `type:"existingfile" placeholder:"FILE" help:"Model file; the embedded one if none is named. SIGHUP reads it again."`
	ShadowModel string `type:"existingfile" placeholder:"FILE" help:"Second model file, which is scored and recorded beside and never answers."`
	storeOptions
	trailOptions
	privacyOptions
	accessOptions
	cdsOptions
	logOptions `embed:""`
	shutdown   `embed:""`

	unheeded []string // settings in the environment that no option has
}

// AfterApply is called by kong.
func (c *serveCommand) AfterApply(parsed *kong.Context) error {
	c.unheeded = unknownSettings(parsed.Model.Node, os.Environ())
	return nil
}

// cdsOptions say who may call the routes of CDS Hooks, and how.
type cdsOptions struct {
	PublicURL string            `name:"public-url" placeholder:"URL" help:"How clients reach the service, such as https://sepsis.example; for links on cards and the audience of CDS clients' tokens."`
	CDSClient map[string]string `name:"cds-client" placeholder:"ISSUER=URL" help:"CDS Hooks clients that may call, by the issuer of their JSON web tokens with the address of its key set, in place of keys; needs --public-url; may be given several times."`
	CDSOrigin []string          `name:"cds-origin" placeholder:"ORIGIN" help:"Sites whose pages may call the CDS Hooks routes, such as https://ehr.example, or *; may be given several times."`
}

// cutOffTime is how long requests whose connections were cut may take to notice.
const cutOffTime = 5 * time.Second

// shutdown is how the service shuts down.
type shutdown struct {
	DrainDelay      time.Duration `default:"0s" help:"How long to go on answering after the signal to end, while /health says 503, so that load balancers notice."`
	ShutdownTimeout time.Duration `default:"20s" help:"How long requests under way may take after that, and what they leave to be recorded."`
	// flush writes what is not recorded yet, after the last request; nil when nothing is.
	flush func(context.Context) error
	// closing is closed when no connection is accepted any more; nil when nobody wants to know.
	closing chan struct{}
}

// checkTimes refuses what is no time to wait.
func (e shutdown) checkTimes() error {
	if e.DrainDelay < 0 || e.ShutdownTimeout < 0 {
		return errors.New("--drain-delay and --shutdown-timeout are not negative")
	}
	return nil
}

// Run serves until the context ends, then lets requests under way finish.
func (c serveCommand) Run(ctx context.Context) (failed error) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // first of all: it ends a process that does not ask for it
	if err := cmp.Or(c.check(), c.checkTimes()); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	clearUpLess()
	signal.Ignore(syscall.SIGPIPE) // else the service would end with whoever reads its log
	lines := newLogWriter(os.Stderr, c.logOptions)
	defer lines.close(logFlushTime)
	logger := c.logger(lines)
	if len(c.unheeded) > 0 {
		logger.Warn("the environment has settings that no option has, which are without effect: see `sepsis serve --help`", "names", c.unheeded)
	}
	watch := monitor.New()
	models, err := servedModels(c.Model, watch, logger)
	if err != nil {
		return err
	}
	// Recording goes on until the last request was answered, which is later than the signal to end.
	recording, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	trail, err := c.start(recording, c.storeOptions, c.privacyOptions, logger)
	if err != nil {
		return err
	}
	c.closing = make(chan struct{})
	closed := false
	c.flush = func(ctx context.Context) error {
		stop()
		closed = true
		return trail.close(ctx)
	}
	defer func() {
		if !closed { // the service never began
			failed = errors.Join(failed, c.flush(context.WithoutCancel(ctx)))
		}
	}()
	door, err := c.listen(ctx, trail.store, logger)
	if err != nil {
		return fmt.Errorf("serve: %s: %w", c.Listen, err)
	}
	config := server.Config{
		Models: models, Monitor: watch, Clock: time.Now, Entropy: rand.Reader, Logger: logger, Version: programVersion(), Stopping: ctx.Done(), Closing: c.closing,
		Gate: door.gate, Limits: c.limits(), Origins: c.CORSOrigin, LogLinesLost: lines.lost.Load,
	}
	trail.configure(&config)
	c.configureDisk(&config)
	door.configure(&config)
	trail.watched(recording, watch, logger)
	trail.watchDisk(recording, config.Disk, logger)
	if err := c.configureCDS(&config, logger); err != nil {
		return errors.Join(err, door.Close())
	}
	if config.Shadow, err = c.shadow(); err != nil {
		return errors.Join(err, door.Close())
	}
	if config.Evidence, err = evidence.Shipped(); err != nil {
		return errors.Join(err, door.Close())
	}
	handler, err := server.New(config)
	if err != nil {
		return errors.Join(err, door.Close())
	}
	reloadOnHangup(ctx, hangups, models, logger)
	info := models.Info()
	logger.Info("listening", "address", door.Addr().String(), "model", info.Name, "model_version", info.Version,
		"model_sha256", info.SHA256, "audit", c.Audit, "notice", "research use only, not a medical device")
	return serve(ctx, door, handler, logger, c.shutdown)
}

// configureCDS tells the server of CDS clients.
func (o cdsOptions) configureCDS(config *server.Config, logger *slog.Logger) error {
	config.PublicURL, config.CDSOrigins = o.PublicURL, o.CDSOrigin
	if len(o.CDSClient) == 0 {
		return nil
	}
	if o.PublicURL == "" {
		return errors.New("--cds-client needs --public-url: tokens must be for an address that the caller cannot choose")
	}
	clients, err := cdsclient.New(o.CDSClient, time.Now, logger, nil)
	if err != nil {
		return err
	}
	config.CDSClients = clients
	return nil
}

// entrance is where the service is called: the address, who may come in, and what it shows of itself.
type entrance struct {
	net.Listener
	gate        *access.Guard
	certificate *access.Certificate // nil without TLS
}

// configure tells the server of the certificate.
func (e entrance) configure(config *server.Config) {
	if e.certificate != nil {
		config.TLSUntil = e.certificate.Until
	}
}

// listen opens the address, unless others could reach it who should not.
func (c serveCommand) listen(ctx context.Context, store sepsis.KeyStore, logger *slog.Logger) (entrance, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return entrance{}, err
	}
	door := entrance{Listener: listener}
	if door.gate, err = c.gate(ctx, listener.Addr(), store, logger); err != nil {
		return entrance{}, errors.Join(err, listener.Close())
	}
	if door.Listener, door.certificate, err = c.secure(listener, door.gate.Authorities, logger); err != nil {
		return entrance{}, errors.Join(err, listener.Close())
	}
	return door, nil
}

// shadow opens the second model; nil if none is named.
func (c serveCommand) shadow() (sepsis.Predictor, error) {
	if c.ShadowModel == "" {
		return nil, nil
	}
	opened, err := openServed(c.ShadowModel)
	if err != nil {
		return nil, fmt.Errorf("shadow model: %w", err)
	}
	return opened, nil
}

func newHTTPServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger, how shutdown) error {
	var running handlers
	httpServer := newHTTPServer(running.watched(handler), logger)
	ended := make(chan error, 1)
	go func() { ended <- httpServer.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	logger.Info("shutting down", "drain_delay", how.DrainDelay)
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(how.DrainDelay):
	}
	return how.finish(context.WithoutCancel(ctx), httpServer, &running, ended)
}

// handlers are those of requests. Each holds the lock for reading while it runs.
type handlers struct{ running sync.RWMutex }

func (h *handlers) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.running.RLock()
		defer h.running.RUnlock()
		next.ServeHTTP(w, r)
	})
}

// stop waits until no handler runs, for as long as is given; from then on none begins.
func (h *handlers) stop(within time.Duration) {
	stopped := make(chan struct{})
	go func() {
		h.running.Lock()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(within):
	}
}

// finish lets the requests under way end, or cuts them off, and then writes what they left. It does the last even when the first failed.
func (e shutdown) finish(ctx context.Context, httpServer *http.Server, running *handlers, ended <-chan error) error {
	ctx, cancel := context.WithTimeout(ctx, e.ShutdownTimeout)
	defer cancel()
	if e.closing != nil {
		close(e.closing)
	}
	var failed error
	if err := httpServer.Shutdown(ctx); err != nil {
		failed = errors.Join(fmt.Errorf("serve: requests were cut off: %w", err), httpServer.Close())
		running.stop(cutOffTime) // what they record must find the recorder and the store open
	} else if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		failed = fmt.Errorf("serve: %w", err)
	}
	if e.flush == nil {
		return failed
	}
	// The time is over for requests, not for what was answered already.
	flushing, done := context.WithTimeout(context.WithoutCancel(ctx), e.ShutdownTimeout)
	defer done()
	return errors.Join(failed, e.flush(flushing))
}
