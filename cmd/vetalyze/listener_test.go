package main

import (
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

func TestListensOnASocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bot.sock")
	killed, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	killed.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := killed.Close(); err != nil {
		t.Fatal(err)
	}

	where := listener{Listen: "unix:" + path}
	opened, err := where.open(t.Context())
	if err != nil {
		t.Fatalf("on what a killed process left behind: %v", err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	go func() { _ = server.Serve(opened) }() // ends with Close
	defer server.Close()
	if err := (&health{listener: where}).Run(t.Context()); err != nil {
		t.Error(err)
	}

	if _, err := where.open(t.Context()); err == nil || !strings.Contains(err.Error(), "LISTEN: cannot listen on unix:"+path) {
		t.Errorf("a second process on the socket of one that lives: %v", err)
	}
	if err := (&health{listener: where}).Run(t.Context()); err != nil {
		t.Errorf("after a second process came: %v", err)
	}
}

func TestDemoListensWhereABrowserGetsTo(t *testing.T) {
	t.Setenv("LISTEN", "unix:/run/vetalyze.sock")
	if _, err := parse(t, "demo"); err == nil || !strings.Contains(err.Error(), "give the demo host:port") {
		t.Errorf("a demo on a socket: %v", err)
	}
}
