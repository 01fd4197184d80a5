package access

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is the least time between two looks at the files of the certificate.
const lookEvery = time.Second

// Certificate is the service's certificate, read again when its files change. It is safe for concurrent use.
type Certificate struct {
	certFile, keyFile string
	clock             func() time.Time
	logger            *slog.Logger

	mutex   sync.Mutex
	looked  time.Time
	seen    [2]stamp // of the files when they were last read, whether or not they were good
	current *tls.Certificate
}

// stamp tells whether a file has changed.
type stamp struct {
	size     int64
	modified time.Time
}

// OpenCertificate reads a certificate with its chain, and its key, both as PEM files.
func OpenCertificate(certFile, keyFile string, clock func() time.Time, logger *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, clock: clock, logger: logger}
	seen, err := c.stamps()
	if err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	c.seen, c.looked = seen, clock()
	c.current, err = c.load()
	return c, err
}

// Get is for tls.Config.GetCertificate. While the files are broken, the certificate that was good before is shown.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	now := c.clock()
	if since := now.Sub(c.looked); since >= 0 && since < lookEvery {
		return c.current, nil
	}
	c.looked = now
	c.renew()
	return c.current, nil
}

// renew reads the files when they have changed, for better or worse: each change is told once.
func (c *Certificate) renew() {
	seen, err := c.stamps()
	if seen == c.seen {
		return
	}
	c.seen = seen
	var renewed *tls.Certificate
	if err == nil {
		renewed, err = c.load()
	}
	if err != nil {
		c.logger.Error("the new certificate cannot be used; the old one stays", "error", err, "until", c.current.Leaf.NotAfter)
		return
	}
	c.current = renewed
	c.logger.Info("the certificate was renewed", "file", c.certFile, "until", renewed.Leaf.NotAfter)
}

// stamps are zero when a file cannot be found.
func (c *Certificate) stamps() ([2]stamp, error) {
	var stamps [2]stamp
	for i, path := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(path)
		if err != nil {
			return [2]stamp{}, err
		}
		stamps[i] = stamp{info.Size(), info.ModTime()}
	}
	return stamps, nil
}

func (c *Certificate) load() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return nil, fmt.Errorf("TLS: %s with %s: %w", c.certFile, c.keyFile, err)
	}
	return &pair, nil
}

// ServerTLS is the configuration of a server that shows a certificate: TLS 1.2 or later, HTTP/2 if the client can.
// With authorities it verifies the certificates of clients that show one; required, it talks to no others.
func ServerTLS(certificate *Certificate, authorities *x509.CertPool, required bool) *tls.Config {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: certificate.Get,
	}
	switch {
	case authorities == nil:
	case required:
		config.ClientCAs, config.ClientAuth = authorities, tls.RequireAndVerifyClientCert
	default:
		config.ClientCAs, config.ClientAuth = authorities, tls.VerifyClientCertIfGiven
	}
	return config
}

// OpenAuthorities reads the certificates, as a PEM file, by which those of clients are verified.
func OpenAuthorities(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("TLS: %s holds no certificate in PEM", path)
	}
	return pool, nil
}
