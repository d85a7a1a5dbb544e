package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"vetalyze/internal/load"
)

// A bar shows how far a load is: one line that is drawn anew on a terminal, a line for every tenth elsewhere.
type bar struct {
	to       io.Writer
	terminal bool

	mu      sync.Mutex // guards what follows
	started time.Time
	first   int64 // owners that were there when it started
	drawn   time.Time
	tenths  int64
	tidying bool
	open    bool // the line has no end yet
}

const (
	barWidth = 30
	redraw   = 100 * time.Millisecond
)

func newBar(to *os.File) *bar {
	info, err := to.Stat()
	return &bar{to: to, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// show draws a progress. It may be called by several goroutines at once.
func (b *bar) show(p load.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.started.IsZero() {
		b.started, b.first = now, p.Owners
	}
	switch {
	case p.Tidy:
		b.draw("\nCollecting statistics …")
		b.tidying = true
	case b.tidying:
	case b.terminal && (now.Sub(b.drawn) >= redraw || p.Owners == p.Of):
		b.drawn = now
		filled := int(p.Owners * barWidth / p.Of)
		b.draw(fmt.Sprintf("\r[%s%s] %s\x1b[K", strings.Repeat("█", filled), strings.Repeat("·", barWidth-filled), b.words(p, now)))
	case !b.terminal && p.Owners*10/p.Of > b.tenths:
		b.tenths = p.Owners * 10 / p.Of
		b.draw("\n" + b.words(p, now))
	}
}

// draw writes without ending the line: the end comes with what is next. The first line needs none before it.
func (b *bar) draw(line string) {
	if !b.open {
		line = strings.TrimPrefix(line, "\n")
	}
	b.open = true
	_, _ = io.WriteString(b.to, line) // a bar that cannot be shown stops no load
}

// words say how far it is and how long it may still take.
func (b *bar) words(p load.Progress, now time.Time) string {
	took := now.Sub(b.started)
	words := fmt.Sprintf("%3d %%  %s of %s owners  %s", p.Owners*100/p.Of, grouped(p.Owners), grouped(p.Of), took.Round(time.Second))
	if done := p.Owners - b.first; done > 0 && p.Owners < p.Of {
		left := time.Duration(float64(took) / float64(done) * float64(p.Of-p.Owners))
		words += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	return words
}

// end ends the line.
func (b *bar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open {
		fmt.Fprintln(b.to)
	}
}

// grouped writes a number with its thousands apart.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
