package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	Timeout    time.Duration `default:"5s" help:"How long to wait for the answer."`
}

// Run asks a running service whether it can predict, prints OK, and fails with the service's reason when it cannot.
func (c healthCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	client, err := c.client()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.URL, "/")+"/health", nil)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	request.Header.Set("Accept", "text/plain")
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(response.Body, longestReason))
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("health: %s: %s", response.Status, said)
	}
	fmt.Println("OK")
	return nil
}

func (c healthCommand) client() (*http.Client, error) {
	settings := &tls.Config{ServerName: c.ServerName, MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		certificates, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("health: %w", err)
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(certificates) {
			return nil, errors.New("health: no certificate in " + c.CAFile)
		}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: settings}}, nil
}
