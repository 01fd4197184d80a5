package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/medtech-detect/sepsis/cdsclient"
	"github.com/medtech-detect/sepsis/model"
	"github.com/medtech-detect/sepsis/server"
)

// Bounds on a connection: a client that is slower than this is not a hospital's system.
const (
	headerTimeout   = 5 * time.Second
	readTimeout     = 30 * time.Second
	writeTimeout    = 60 * time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 20 * time.Second
	maxHeaderBytes  = 16 << 10
)

type serveCommand struct {
	Listen string `default:"127.0.0.1:8080" help:"Address to listen on."`
	Model  string `type:"existingfile" placeholder:"FILE" help:"Model file; the embedded one if none is named."`

	PublicURL string            `name:"public-url" placeholder:"URL" help:"How clients reach the service, such as https://sepsis.example; for links on cards and the audience of CDS clients' tokens."`
	CDSClient map[string]string `name:"cds-client" placeholder:"ISSUER=URL" help:"CDS Hooks clients that may call, by the issuer of their JSON web tokens with the address of its key set; may be given several times. None: all may."`
	CDSOrigin []string          `name:"cds-origin" placeholder:"ORIGIN" help:"Sites whose pages may call the CDS Hooks routes, such as https://ehr.example, or *; may be given several times."`
}

// Run serves until the context ends, then lets requests under way finish.
func (c serveCommand) Run(ctx context.Context) error {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	predictor, err := openModel(c.Model)
	if err != nil {
		return err
	}
	clients, err := cdsClients(c.CDSClient)
	if err != nil {
		return err
	}
	handler, err := server.New(server.Config{
		Predictor: predictor, Clock: time.Now, Entropy: rand.Reader, Logger: logger, Version: programVersion(),
		PublicURL: c.PublicURL, CDSClients: clients, CDSOrigins: c.CDSOrigin,
	})
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	info := predictor.Info()
	logger.Info("listening", "address", listener.Addr().String(), "model", info.Name, "model_version", info.Version,
		"model_sha256", info.SHA256, "notice", "research use only, not a medical device")
	return serve(ctx, listener, handler, logger)
}

// cdsClients tells CDS clients by their tokens; nil when none are named.
func cdsClients(keySets map[string]string) (server.CDSClients, error) {
	if len(keySets) == 0 {
		return nil, nil
	}
	return cdsclient.New(keySets, time.Now, nil)
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger) error {
	httpServer := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- httpServer.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	logger.Info("shutting down")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := httpServer.Shutdown(drain); err != nil {
		return fmt.Errorf("serve: requests were cut off: %w", err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// openModel opens the named model file, or the embedded model, and holds it to its self-test: the features may have
// changed since it was trained.
func openModel(path string) (*model.Model, error) {
	open := model.Default
	if path != "" {
		open = func() (*model.Model, error) { return model.Open(path) }
	}
	opened, err := open()
	if err != nil {
		return nil, err
	}
	return opened, opened.SelfTest()
}
