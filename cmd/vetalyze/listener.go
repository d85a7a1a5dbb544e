package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// listener is where this process answers over HTTP: a port, or a Unix socket for a proxy on the same machine, which costs less
// than TCP and is reached only by those whom the file's permissions let in.
type listener struct {
	Listen string `env:"LISTEN" default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Where to listen: HOST:PORT, or unix:/PATH of a socket (${default})."`
}

// Validate says which setting is wrong and why.
func (l listener) Validate() error {
	if path, ok := l.socket(); ok {
		if !filepath.IsAbs(path) {
			return fmt.Errorf("LISTEN: %q is not a whole path, such as unix:/run/vetalyze/bot.sock", l.Listen)
		}
		return nil
	}
	if _, _, err := net.SplitHostPort(l.Listen); err != nil {
		return fmt.Errorf("LISTEN: %q is not host:port, such as 127.0.0.1:8080", l.Listen)
	}
	return nil
}

// socket is the path of the Unix socket, if it is to be one.
func (l listener) socket() (path string, ok bool) { return strings.CutPrefix(l.Listen, "unix:") }

func (l listener) open(ctx context.Context) (net.Listener, error) {
	network, address := "tcp", l.Listen
	if path, ok := l.socket(); ok {
		network, address = "unix", path
		if err := removeAbandoned(ctx, path); err != nil {
			return nil, fmt.Errorf("LISTEN: %w", err)
		}
	}
	var config net.ListenConfig
	opened, err := config.Listen(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("LISTEN: cannot listen on %s: %w", l.Listen, err)
	}
	return opened, nil
}

// removeAbandoned removes a socket that nobody listens on any more: a process that is killed leaves its file behind.
func removeAbandoned(ctx context.Context, path string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		return conn.Close() // to listen will fail, and say why
	case errors.Is(err, syscall.ECONNREFUSED):
		return os.Remove(path)
	}
	return nil
}

// client reaches the process that listens there, whatever host an address names.
func (l listener) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return l.dial(ctx) },
	}}
}

// dial connects to that process: one that listens everywhere is reached on loopback, too. By number, as an image without files
// does not know localhost.
func (l listener) dial(ctx context.Context) (net.Conn, error) {
	var dialer net.Dialer
	if path, ok := l.socket(); ok {
		return dialer.DialContext(ctx, "unix", path)
	}
	host, port, _ := net.SplitHostPort(l.Listen) // checked by Validate
	switch ip := net.ParseIP(host); {
	case host == "", ip.Equal(net.IPv4zero):
		host = "127.0.0.1"
	case ip.Equal(net.IPv6unspecified):
		host = "::1"
	}
	return dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
}
