package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// stopOrphan ends a server that a killed process left behind. The caller holds the directory's lock,
// so a server running there is nobody's.
func stopOrphan(ctx context.Context, data string, from binaries) error {
	pid, running := orphan(data)
	if !running {
		return forget(data)
	}
	for _, how := range []shutdown{fast, immediate, kill} {
		if err := signal(pid, how, from); err != nil && serves(pid, data) {
			return fmt.Errorf("stop the server left behind in %s (pid %d): %w", data, pid, err)
		}
		if gone(ctx, pid, data, fastLimit) {
			return nil
		}
	}
	return fmt.Errorf("the server left behind in %s (pid %d) does not stop", data, pid)
}

// orphan finds the server that the cluster's pid file names, if that is what runs under its number.
func orphan(data string) (pid int, running bool) {
	pid = recordedPID(data)
	return pid, pid > 0 && serves(pid, data)
}

func recordedPID(data string) int {
	text, err := os.ReadFile(pidFile(data))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0
	}
	return pid
}

func pidFile(data string) string { return filepath.Join(data, "postmaster.pid") }

// forget removes a pid file whose number another program has by now (in a container that happens on
// every restart), for PostgreSQL would not start over it. With nobody under that number the file stays:
// PostgreSQL uses it to wait for sessions that outlived their server.
func forget(data string) error {
	pid := recordedPID(data)
	if pid == 0 || !alive(pid) {
		return nil
	}
	if err := os.Remove(pidFile(data)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func gone(ctx context.Context, pid int, data string, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	const pause = 5 * time.Millisecond
	look := time.NewTicker(pause)
	defer look.Stop()
	for serves(pid, data) {
		select {
		case <-look.C:
		case <-ctx.Done():
			return !serves(pid, data)
		}
	}
	return true
}
