package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// longestReason bounds what is read of an answer, in bytes; the service's reasons are one line.
const longestReason = 4 << 10

type healthCommand struct {
	URL        string        `name:"url" default:"http://127.0.0.1:8080" help:"Address of the service."`
	CAFile     string        `name:"ca-file" type:"existingfile" placeholder:"FILE" help:"Certificates (PEM) to trust instead of the system's."`
	ServerName string        `placeholder:"NAME" help:"Name in the service's certificate, if it is not that in the address."`
	ClientCert string        `and:"client" type:"existingfile" placeholder:"FILE" help:"Client certificate with its chain (PEM) to show: a service with --tls-client-required answers nobody without."`
	ClientKey  string        `and:"client" type:"existingfile" placeholder:"FILE" help:"Private key of the client certificate (PEM)."`
	Timeout    time.Duration `default:"5s" help:"How long to wait for the answer."`
}

// Run asks a running service whether it can predict, prints OK, and fails with the service's reason when it cannot.
func (c healthCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	if err := c.ask(ctx); err != nil {
		return fmt.Errorf("health: %w", err)
	}
	fmt.Println("OK")
	return nil
}

// ask fails unless the answer is the service's OK: another program at that address may answer 200, too.
func (c healthCommand) ask(ctx context.Context) error {
	if address, err := url.Parse(c.URL); err != nil || address.Host == "" {
		return fmt.Errorf("--url %q is no address of a service; write it as http://host:port", c.URL)
	}
	client, err := c.client()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.URL, "/")+"/health", nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "text/plain")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(response.Body, longestReason))
	switch {
	case err != nil:
		return err
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return fmt.Errorf("%s to %q, which is not followed: --url must name the service itself", response.Status, response.Header.Get("Location"))
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("%s: %s", response.Status, said)
	case string(said) != "OK":
		return fmt.Errorf("%s answers %s without the OK of this service: %.100q", request.URL.Redacted(), response.Status, said)
	}
	return nil
}

func (c healthCommand) client() (*http.Client, error) {
	settings := &tls.Config{ServerName: c.ServerName, MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		certificates, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, err
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(certificates) {
			return nil, errors.New("no certificate in " + c.CAFile)
		}
	}
	if c.ClientCert != "" {
		certificate, err := tls.LoadX509KeyPair(c.ClientCert, c.ClientKey)
		if err != nil {
			return nil, fmt.Errorf("%s with %s: %w", c.ClientCert, c.ClientKey, err)
		}
		settings.Certificates = []tls.Certificate{certificate}
	}
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: settings},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}
