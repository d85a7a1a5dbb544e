package chaos

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program builds vetalyze once, as the test itself is built.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "vetalyze-chaos-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "vetalyze")
	args := []string{"build", "-buildvcs=false", "-o", path}
	if raceDetector {
		args = append(args, "-race")
	}
	said, err := exec.Command("go", append(args, "vetalyze/cmd/vetalyze")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build vetalyze: %w: %s", err, said)
	}
	return path, nil
})

// removeProgram removes what program has built.
func removeProgram() error {
	path, err := program()
	if err != nil {
		return nil // nothing was built
	}
	return os.RemoveAll(filepath.Dir(path))
}

// An instance is vetalyze as a process of its own, which is started again whenever it ends, as a service manager
// does (docs/operations/vetalyze@.service).
type instance struct {
	path    string
	env     []string
	moved   func() // is told when the address has changed
	restart time.Duration

	mu       sync.Mutex // guards everything below
	process  *os.Process
	address  string // where it listens; empty while it does not
	starts   int
	kills    int
	remarks  []string // what its log tells that ought not to be: panics, races, updates let go
	lastSaid []string
}

// run keeps the instance going until ctx ends, and then stops it in order.
func (i *instance) run(ctx context.Context) {
	// Pdeathsig, where there is such a thing, means the thread that started the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for ctx.Err() == nil {
		if err := i.once(ctx); err != nil {
			i.remark(fmt.Sprintf("the program does not start: %v", err))
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(i.restart):
		}
	}
}

// once starts the process and waits for its end.
func (i *instance) once(ctx context.Context) error {
	command := exec.Command(i.path, "serve")
	command.Env = i.env
	dieWithParent(command)
	log, err := command.StderrPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	i.mu.Lock()
	i.process = command.Process
	i.starts++
	i.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { _ = command.Process.Signal(syscall.SIGTERM) })
	defer stop()
	i.listen(log)
	err = command.Wait()
	i.mu.Lock()
	i.process, i.address = nil, ""
	i.mu.Unlock()
	i.moved()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return err
	}
	return nil
}

// suspicious are messages of the log that no fault excuses.
var suspicious = map[string]bool{
	"update let go": true, "update is not readable, skipped": true, "received something that is not an update": true,
}

// linesKept is how much of a log is kept for whoever looks for a cause.
const linesKept = 5000

// listen reads the log to its end.
func (i *instance) listen(log io.Reader) {
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	plainText := 0 // lines in a row that are no entries: a panic, or a report of the race detector
	for lines.Scan() {
		line := lines.Text()
		var entry struct {
			Message string `json:"msg"`
			Address string `json:"address"`
		}
		isEntry := json.Unmarshal(lines.Bytes(), &entry) == nil
		i.mu.Lock()
		i.lastSaid = append(i.lastSaid[max(0, len(i.lastSaid)-linesKept):], line)
		i.mu.Unlock()
		switch {
		case strings.HasPrefix(line, "vetalyze: "): // why it does not start: what it needs may be away
		case !isEntry && plainText < 40 && line != "":
			plainText++
			i.remark(line)
		case suspicious[entry.Message]:
			i.remark(line)
		case entry.Message == "serving":
			i.mu.Lock()
			i.address = entry.Address
			i.mu.Unlock()
			i.moved()
		}
		if isEntry {
			plainText = 0
		}
	}
}

func (i *instance) remark(text string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.remarks = append(i.remarks, text)
}

// remarked is what the log has told that ought not to be.
func (i *instance) remarked() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.remarks)
}

// said is the end of the log.
func (i *instance) said() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.lastSaid)
}

// kill ends the process as kill -9 does; false when there is none.
func (i *instance) kill() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.process == nil {
		return false
	}
	i.kills++
	return i.process.Kill() == nil
}

func (i *instance) listensAt() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.address
}

// must fails the test.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
