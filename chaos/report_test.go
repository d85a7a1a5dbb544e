package chaos

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vetalyze/internal/machine"
)

// print prints a run as tables that can be read by themselves, all at once.
func (r *run) print() {
	var text bytes.Buffer
	r.write(&text)
	_, _ = os.Stdout.Write(text.Bytes())
}

func (r *run) write(to io.Writer) {
	how := "One instance, polling"
	if r.how == webhook {
		how = "Two instances behind a webhook"
	}
	starts, kills := 0, 0
	for _, one := range r.instances {
		starts, kills = starts+one.starts, kills+one.kills
	}
	fmt.Fprintf(to, "\n%s: %d staff of %d clinics and an admin, Telegram's own limits. %d processes were started, %d killed. Seed %d.\n%s, %s.\n",
		how, len(r.people)-1, r.clinics, starts, kills, r.seed, time.Now().Format("2 January 2006"), machine.Name())
	for _, skipped := range r.skipped {
		fmt.Fprintf(to, "Left out: %s.\n", skipped)
	}
	fmt.Fprintln(to)
	lines := tabwriter.NewWriter(to, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	row := func(cells ...any) { fmt.Fprintf(lines, "\t %s \t\n", strings.Join(texts(cells), " \t ")) }
	row("fault", "struck", "lasted s", "updates", "answered", "repeated", "told to wait", "longest silence s")
	var all episode
	for _, e := range r.episodes {
		row(e.name, e.times, seconds(e.took), e.offered, e.answered, e.repeated, e.told, seconds(e.longest))
		all.add(e)
	}
	row("together", all.times, seconds(all.took), all.offered, all.answered, all.repeated, all.told, seconds(all.longest))
	_ = lines.Flush() // into memory
	fmt.Fprintln(to)
	row("the auditor looked at", "how many", "found wrong")
	for _, c := range r.checks {
		row(c.what, c.looked, len(c.found))
	}
	_ = lines.Flush()
	fmt.Fprintln(to)
}

func (e *episode) add(other episode) {
	e.times += other.times
	e.took += other.took
	e.offered += other.offered
	e.answered += other.answered
	e.repeated += other.repeated
	e.told += other.told
	e.longest = max(e.longest, other.longest)
}

func texts(cells []any) []string {
	var texts []string
	for _, cell := range cells {
		texts = append(texts, fmt.Sprint(cell))
	}
	return texts
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }

// tell leaves what the instances said, and what people did and saw, for whoever looks for the cause.
func (r *run) tell() {
	dir, err := os.MkdirTemp("", "vetalyze-chaos-failed-")
	if err != nil {
		r.t.Log(err)
		return
	}
	for n, one := range r.instances {
		r.leave(filepath.Join(dir, fmt.Sprintf("instance%d.log", n+1)), one.said())
	}
	for _, p := range r.people {
		r.leave(filepath.Join(dir, fmt.Sprintf("chat%d.txt", p.ID)), r.chat(p.ID))
	}
	r.t.Logf("the ends of the instances' logs, and all chats, are in %s", dir)
}

func (r *run) leave(file string, lines []string) {
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		r.t.Log(err)
	}
}

// chat is what one person did and saw, by the clock.
func (r *run) chat(who int64) []string {
	asks, _ := r.ledger.written()
	screens, _ := r.recorder.recorded()
	var lines []string
	for _, a := range asks {
		if a.person == who {
			lines = append(lines, fmt.Sprintf("%s > %s, wants %q", a.at.Format("15:04:05.000"), a.what, a.wants))
		}
	}
	for _, one := range screens {
		if one.person == who {
			kind := [...]string{message: "message", edit: "edit", toast: "toast"}[one.kind]
			lines = append(lines, fmt.Sprintf("%s   %s %q", one.at.Format("15:04:05.000"), kind, one.text))
		}
	}
	slices.Sort(lines) // by time
	return lines
}
