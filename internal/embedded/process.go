package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// process is a running server.
type process struct {
	pid      int
	binaries binaries
	output   *output
	stopping atomic.Bool   // its end is our doing
	done     chan struct{} // closed when the server has ended; err is set before
	err      error
}

func startProcess(cmd *exec.Cmd, from binaries, log *slog.Logger) (*process, error) {
	p := &process{binaries: from, output: &output{log: log}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	cmd.WaitDelay = time.Second // sessions of a killed server may hold its output open for longer

	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		dieWithParent(cmd)
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		if !p.stopping.Load() {
			log.Warn("PostgreSQL ended by itself", "pid", cmd.Process.Pid, "error", p.err, "last", p.output.tail())
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	return p, nil
}

// failure says why a server that should be running is not.
func (p *process) failure() error {
	err := p.err
	if err == nil {
		err = errors.New("it ended")
	}
	return fmt.Errorf("the server did not start: %w: %s", err, p.output.tail())
}

// stop shuts the server down: in order if it can be done in time, else at once, else by force.
// A server whose contents are not kept is not asked for order.
func (p *process) stop(disposable bool) error {
	p.stopping.Store(true)
	steps := []struct {
		shutdown shutdown
		limit    time.Duration
	}{{fast, fastLimit}, {immediate, immediateLimit}, {kill, immediateLimit}}
	if disposable {
		steps = steps[1:]
	}
	for _, step := range steps {
		if p.ended(0) {
			return nil
		}
		if err := signal(p.pid, step.shutdown, p.binaries); err != nil && !p.ended(immediateLimit) {
			return fmt.Errorf("stop the server: %w", err)
		}
		if p.ended(step.limit) {
			return nil
		}
	}
	return fmt.Errorf("the server (pid %d) does not stop", p.pid)
}

func (p *process) ended(within time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	select {
	case <-p.done:
		return true
	case <-ctx.Done():
	}
	select { // with no time left both may have been ready
	case <-p.done:
		return true
	default:
		return false
	}
}

// output passes the server's lines to the log and remembers the last ones for an error's text.
type output struct {
	log *slog.Logger

	mu   sync.Mutex // guards what follows
	part []byte     // a line not yet ended
	last []string
}

const keptLines = 5

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.part = append(o.part, text...)
	for {
		line, rest, whole := bytes.Cut(o.part, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		o.log.Debug("PostgreSQL says", "line", string(line))
		o.last = append(o.last, string(line))
		if len(o.last) > keptLines {
			o.last = o.last[1:]
		}
		o.part = rest
	}
}

func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(append(o.last, string(o.part)), " | ")
}
