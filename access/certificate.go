package access

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"
)

// Certificate is the service's certificate, read again when its files change. It is safe for concurrent use.
type Certificate struct{ files reloaded[*tls.Certificate] }

// OpenCertificate reads a certificate with its chain, and its key, both as PEM files.
func OpenCertificate(certFile, keyFile string, clock func() time.Time, logger *slog.Logger) (*Certificate, error) {
	read := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("TLS: %s with %s: %w", certFile, keyFile, err)
		}
		return &pair, nil
	}
	told := func(c *tls.Certificate) slog.Attr { return slog.Time("until", c.Leaf.NotAfter) }
	c := &Certificate{reloaded[*tls.Certificate]{paths: []string{certFile, keyFile}, read: read, told: told, clock: clock, logger: logger}}
	return c, c.files.open()
}

// Get is for tls.Config.GetCertificate. While the files are broken, the certificate that was good before is shown.
func (c *Certificate) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.files.get(), nil }

// Until is when the certificate that is shown ends.
func (c *Certificate) Until() time.Time { return c.files.present().Leaf.NotAfter }

// ServerTLS is the configuration of a server that shows a certificate: TLS 1.2 or later, HTTP/2 if the client can.
// With authorities it verifies the certificates of clients that show one, by the authorities of that moment; required,
// it talks to no others.
func ServerTLS(certificate *Certificate, authorities *Authorities, required bool) *tls.Config {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: certificate.Get,
	}
	if authorities == nil {
		return config
	}
	config.ClientAuth = tls.VerifyClientCertIfGiven
	if required {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	base := config.Clone()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		present := base.Clone()
		present.ClientCAs = authorities.now().pool
		return present, nil
	}
	return config
}
