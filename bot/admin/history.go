package admin

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vetalyze/bot/chat"
	"vetalyze/internal/subscription"
)

const (
	longPage       = 2800 // characters of history on one screen, which holds 4096
	changesPerPage = 12
	monthLayout    = "2006-01"
)

// A block is a piece of a long text that is not torn apart. Blocks of one head that follow each other stand under it.
type block struct{ head, text chat.HTML }

// pageOf lays blocks out in pages and returns one of them, and the number of the last.
func pageOf(blocks []block, page int) (text chat.HTML, last int) {
	var pages [][]block
	length := longPage + 1
	for _, b := range blocks {
		size := utf8.RuneCountInString(string(b.head)) + utf8.RuneCountInString(string(b.text)) + 2
		if length+size > longPage {
			pages, length = append(pages, nil), 0
		}
		pages[len(pages)-1] = append(pages[len(pages)-1], b)
		length += size
	}
	if len(pages) == 0 {
		return "", 0
	}
	var paragraphs, lines []chat.HTML
	shown := pages[min(max(page, 0), len(pages)-1)]
	for i, b := range shown {
		if i == 0 || b.head != shown[i-1].head {
			paragraphs = append(paragraphs, chat.Lines(lines...))
			lines = []chat.HTML{b.head}
		}
		lines = append(lines, b.text)
	}
	return chat.Paragraphs(append(paragraphs, chat.Lines(lines...))...), len(pages) - 1
}

// showHistory shows a clinic's terms, the latest first, each with everything that happened to it.
func (a *Admin) showHistory(ctx context.Context, t *chat.Turn, clinicID int64, page int) error {
	history, err := a.subscriptions.History(ctx, t.Speaker, clinicID)
	if key := refusalKey(err); key != "" {
		return t.Decline(ctx, key)
	}
	if err != nil {
		return err
	}
	card, err := a.staff.ClinicCard(ctx, t.Speaker, clinicID)
	if err != nil {
		return err
	}
	var blocks []block
	for _, term := range history {
		head := termLine(t, "admin.history.term", term.Term)
		for _, event := range term.Events {
			line := t.Text("admin.history.event", chat.Args{
				"When": a.when(t, event.At), "What": whatHappened(t, event), "Who": who(t, event),
			})
			blocks = append(blocks, block{head: head, text: chat.Lines(line, commentLine(t, event.Comment))})
		}
	}
	text, last := pageOf(blocks, page)
	if text == "" {
		text = t.Text("admin.history.none")
	}
	var rows [][]chat.Button
	if pages := pageRow(t, min(page, last), last, routeTerms, actHistory, short(clinicID)); pages != nil {
		rows = append(rows, pages)
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: chat.Paragraphs(t.Text("admin.history.title", chat.Args{"Name": card.Name}), text),
		Rows: append(rows,
			chat.Row(chat.Button{Label: t.Plain("admin.terms.back"), Data: chat.Data(routeTerms, actClinic, short(clinicID))}),
			backToClinic(t, clinicID, card.Name)),
	})
	return err
}

// when tells the moment of an event in the platform's zone: "1 March 2026, 10:00".
func (a *Admin) when(t *chat.Turn, at time.Time) chat.HTML {
	at = at.In(a.zone)
	return t.Text("admin.history.when", chat.Args{"Day": t.ShortDay(at), "Time": chat.HTML(at.Format("15:04"))})
}

// whatHappened names an event, with its money or its days.
func whatHappened(t *chat.Turn, event subscription.Event) chat.HTML {
	what := t.Text("admin.event." + string(event.Kind))
	switch {
	case event.Amount.Minor > 0:
		return t.Text("admin.history.money", chat.Args{"What": what, "Amount": sum(t, event.Amount)})
	case (event.Kind == subscription.EventExtended || event.Kind == subscription.EventMoved) && event.MovedDays() > 0:
		return t.Text("admin.history.days", chat.Args{"What": what, "Days": t.Text("age.days", chat.Args{"Count": event.MovedDays()})})
	}
	return what
}

// who names the admin who did something; one who has not written since names are kept, by the account.
func who(t *chat.Turn, event subscription.Event) chat.HTML {
	switch {
	case event.By == t.Speaker.TelegramID:
		return t.Text("admin.history.you")
	case event.By == 0:
		return t.Text("admin.history.clock")
	case event.ByName != "":
		return chat.Escape(event.ByName)
	}
	return t.Text("admin.history.by", chat.Args{"ID": strconv.FormatInt(event.By, 10)})
}

func commentLine(t *chat.Turn, comment string) chat.HTML {
	if comment == "" {
		return ""
	}
	return t.Text("admin.history.comment", chat.Args{"Comment": strings.Join(strings.Fields(comment), " ")})
}

// openChanges shows everything that was changed in a month, whatever the clinic: "changes", "changes:2026-03",
// "changes:2026-03:<after>".
func (a *Admin) openChanges(ctx context.Context, t *chat.Turn, argument string) error {
	typed, from, _ := strings.Cut(argument, ":")
	month, err := time.Parse(monthLayout, typed)
	if err != nil || month.Year() < 2000 || month.Year() > 2200 {
		month = a.clock.Today(a.zone)
	}
	month = time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, time.UTC)
	changes, err := a.subscriptions.MonthChanges(ctx, t.Speaker, month, a.zone, readCursor(from), changesPerPage+1)
	if err != nil {
		return err
	}
	shown := changes[:min(changesPerPage, len(changes))]
	var lines []chat.HTML
	for _, change := range shown {
		line := t.Text("admin.changes.line", chat.Args{
			"When": a.when(t, change.At), "What": whatHappened(t, change.Event), "Who": who(t, change.Event),
			"Name": clip(change.ClinicName, 40), "Plan": t.Choose(change.PlanEN, change.PlanAR),
		})
		lines = append(lines, chat.Lines(line, commentLine(t, clip(change.Comment, 80))))
	}
	if len(shown) == 0 {
		lines = append(lines, t.Text("admin.changes.none"))
	}
	to := func(month time.Time) string { return chat.Data(routeChanges, month.Format(monthLayout)) }
	rows := [][]chat.Button{}
	if len(changes) > changesPerPage {
		rows = append(rows, chat.Row(chat.Button{
			Label: t.Plain("admin.clinics.next"), Data: chat.Data(to(month), cursor(shown[changesPerPage-1].Event)),
		}))
	}
	before, after := month.AddDate(0, -1, 0), month.AddDate(0, 1, 0)
	around := chat.Row(chat.Button{Label: t.Plain("admin.changes.before", chat.Args{"Month": t.MonthOf(before)}), Data: to(before)})
	if !after.After(a.clock.Today(a.zone)) {
		around = append(around, chat.Button{Label: t.Plain("admin.changes.after", chat.Args{"Month": t.MonthOf(after)}), Data: to(after)})
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: chat.Paragraphs(t.Text("admin.changes.title", chat.Args{"Month": t.MonthOf(month)}), chat.Lines(lines...)),
		Rows: append(rows, around, chat.Row(chat.Button{Label: t.Plain("admin.clinics.back"), Data: routeClinics})),
	})
	return err
}

// cursor writes an event's place in the list of changes for a button.
func cursor(event subscription.Event) string {
	return chat.Data(short(event.At.UnixMicro()), short(event.ClinicID), short(event.TermID), short(int64(event.Seq)))
}

// readCursor takes apart what cursor made; what is forged reads as some other place, or the beginning.
func readCursor(data string) subscription.Event {
	parts := append(strings.SplitN(data, ":", 4), "", "", "", "")
	at := long(parts[0])
	if at == 0 || at > 1<<53 {
		return subscription.Event{}
	}
	return subscription.Event{
		At: time.UnixMicro(at), ClinicID: long(parts[1]), TermID: long(parts[2]), Seq: int(min(long(parts[3]), 1<<31-1)),
	}
}
