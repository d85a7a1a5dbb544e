package chaos

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// honest is the evidence of a day on which nothing went wrong: two clinics, one receptionist each.
func honest() evidence {
	const sara, omar = 3, 4
	e := evidence{
		clinics: map[int64]int64{sara: 1, omar: 2},
		marks:   map[int64]string{1: "Ambra", 2: "Bruno"},
	}
	seq := int64(0)
	day := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	asks := func(who int64, wants ...string) {
		e.asks = append(e.asks, ask{person: who, what: "ask", wants: wants, after: seq, at: day.Add(time.Duration(seq) * time.Second)})
	}
	answers := func(who int64, kind showing, text string) {
		seq++
		e.shown = append(e.shown, shown{seq: seq, person: who, kind: kind, text: text, at: day.Add(time.Duration(seq) * time.Second)})
	}
	for i, who := range []int64{sara, omar} {
		clinic, mark := int64(i+1), e.marks[int64(i+1)]
		r := registration{
			person: who, clinic: clinic, name: mark + " Nr1", phone: fmt.Sprintf("+20102000000%d", clinic),
			pets: []string{"Rex1", "Mimi1"}, saved: true, note: "Pays in coins 1",
		}
		e.registrations = append(e.registrations, r)
		e.owners = append(e.owners, owner{clinic: clinic, name: r.name, phone: r.phone, pets: r.pets, note: r.note, noted: 1})
		asks(who, r.name, "Is everything right?")
		answers(who, message, r.name+" Rex1 Mimi1\nIs everything right?")
		asks(who, "Registered.", r.name, r.phone)
		answers(who, edit, "✅ Registered.\n"+r.name+" "+r.phone+" Rex1 Mimi1")
		asks(who, "Changed.", r.note)
		answers(who, message, "✅ Changed.\n"+r.name+" "+r.note)
	}
	asks(sara, "nothing for", "9001")
	asks(sara, "nothing for", "9002")
	answers(sara, message, waitNotice)
	answers(sara, message, "I find nothing for 9001.")
	answers(sara, message, "I find nothing for 9002.")
	answers(omar, message, "☀️ Sunday 1 March 2026: what begins and ends")
	e.notifications = []notification{{person: omar, kind: "digest", state: "sent"}}
	return e
}

// TestAuditorFinds plants what a run must never leave behind; the auditor reports each, and nothing on an honest day.
func TestAuditorFinds(t *testing.T) {
	t.Parallel()
	for _, plant := range []struct {
		name string
		do   func(e *evidence)
		want []string // of the checks that fail
	}{
		{"nothing", func(*evidence) {}, nil},
		{"a lost registration", func(e *evidence) { e.owners = e.owners[1:] }, []string{
			"registrations told of that are there, once and whole", "registrations saved that are there once",
			"changes told of that are there, noted once",
		}},
		{"a doubled registration", func(e *evidence) { e.owners = append(e.owners, e.owners[1]) }, []string{
			"registrations told of that are there, once and whole", "registrations saved that are there once",
		}},
		{"a lost pet", func(e *evidence) { e.owners[0].pets = e.owners[0].pets[:1] }, []string{
			"registrations told of that are there, once and whole",
		}},
		{"a saved registration that was neither told of nor is there", func(e *evidence) {
			e.registrations = append(e.registrations, registration{person: 3, clinic: 1, name: "Ambra Nr9", phone: "+9", saved: true})
		}, []string{"registrations saved that are there once"}},
		{"an owner whom nobody saved", func(e *evidence) { e.registrations[0].saved = false }, []string{"owners there that somebody saved"}},
		{"a lost change", func(e *evidence) { e.owners[0].note, e.owners[0].noted = "", 0 }, []string{"changes told of that are there, noted once"}},
		{"a doubled change", func(e *evidence) { e.owners[0].noted = 2 }, []string{"changes told of that are there, noted once"}},
		{"a notification that was never sent", func(e *evidence) { e.notifications[0].state = "pending" }, []string{"notifications due that came"}},
		{"a lost notification", func(e *evidence) { e.shown = e.shown[:len(e.shown)-1] }, []string{"notifications due that came"}},
		{"a lost answer", func(e *evidence) { e.shown = slices.Delete(e.shown, len(e.shown)-2, len(e.shown)-1) }, []string{"updates that were answered"}},
		{"a reordered answer", func(e *evidence) {
			a, b := &e.shown[len(e.shown)-3], &e.shown[len(e.shown)-2]
			a.text, b.text = b.text, a.text
		}, []string{"answers in the order of the questions"}},
		{"a row of another clinic", func(e *evidence) { e.shown[0].text += "\nBruno Nr1" }, []string{"screens without a row of another clinic"}},
		{"an update let go", func(e *evidence) { e.shown[len(e.shown)-4].text = "I am sorry, " + apology }, []string{"messages that answer something"}},
		{"a message out of the blue", func(e *evidence) { e.shown[len(e.shown)-4].text = "Good morning" }, []string{"messages that answer something"}},
		{"a dialog that hangs", func(e *evidence) { e.open = []int64{3} }, []string{"chats without a dialog that hangs"}},
		{"a panic", func(e *evidence) { e.remarks = []string{"panic: no"} }, []string{"instances' logs without panics, races, updates let go"}},
	} {
		t.Run(plant.name, func(t *testing.T) {
			t.Parallel()
			e := honest()
			plant.do(&e)
			var got []string
			for _, c := range newAudit(e).checks() {
				if len(c.found) > 0 {
					got = append(got, c.what)
				}
			}
			if !slices.Equal(got, plant.want) {
				t.Errorf("the auditor finds fault with:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(plant.want, "\n"))
			}
		})
	}
}

// TestAuditorCounts has an answer come late and twice, and counts it.
func TestAuditorCounts(t *testing.T) {
	t.Parallel()
	e := honest()
	last := &e.shown[len(e.shown)-2]
	again := *last
	again.seq += 2
	last.at = last.at.Add(time.Minute)
	e.shown = append(e.shown, again)
	got := newAudit(e).tallies(1)[0]
	want := tally{offered: 8, answered: 8, repeated: 1, told: 1, longest: time.Minute + 3*time.Second}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
