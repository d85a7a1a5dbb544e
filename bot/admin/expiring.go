package admin

import (
	"context"
	"strings"
	"time"

	"vetalyze/bot/chat"
	"vetalyze/bot/overview"
	"vetalyze/internal/subscription"
)

const termsPerPage = 15

// openExpiring shows what begins and ends these days, page by page, or everything by its end: "expiring", "expiring:<place>",
// "expiring:all:<after>". The digest's buttons come here, too.
func (a *Admin) openExpiring(ctx context.Context, t *chat.Turn, argument string) error {
	if t.Input.Tap == nil {
		argument = ""
	}
	action, after, _ := strings.Cut(argument, ":")
	if action == overview.All {
		return a.showByEnd(ctx, t, after)
	}
	found, err := a.reminders.Overview(ctx, t.Speaker, overview.Place(argument), overview.PageSize)
	if err != nil {
		return err
	}
	_, err = t.Show(ctx, overview.Screen(t.Locale, found))
	return err
}

// showByEnd shows everything active and upcoming, the first to end first, after the place that a button tells.
func (a *Admin) showByEnd(ctx context.Context, t *chat.Turn, argument string) error {
	parts := append(strings.SplitN(argument, ":", 3), "", "", "")
	after := subscription.OpenTerm{ClinicID: long(parts[1]), TermID: long(parts[2])}
	after.End, _ = isoDay(parts[0])
	terms, err := a.subscriptions.ByEnd(ctx, t.Speaker, after, termsPerPage+1)
	if err != nil {
		return err
	}
	shown := terms[:min(termsPerPage, len(terms))]
	var lines []chat.HTML
	var buttons []chat.Button
	for _, term := range shown {
		lines = append(lines, t.Text("admin.expiring.line", chat.Args{
			"Last": t.ShortDay(term.End.AddDate(0, 0, -1)), "Days": t.Text("age.days", chat.Args{"Count": term.DaysToEnd}),
			"Status": t.Text("term." + string(term.Status)), "Name": clip(term.ClinicName, 40), "Plan": t.Choose(term.PlanEN, term.PlanAR),
		}))
		buttons = append(buttons, chat.Button{
			Label: clip(term.ClinicName, 30), Data: chat.Data(routeTerms, actTerm, short(term.ClinicID), short(term.TermID)),
		})
	}
	if len(shown) == 0 {
		lines = append(lines, t.Text("admin.expiring.none"))
	}
	rows := chat.Columns(2, buttons)
	var pages []chat.Button
	if argument != "" {
		pages = append(pages, chat.Button{Label: t.Plain("admin.clinics.first"), Data: chat.Data(routeExpiring, overview.All)})
	}
	if len(terms) > termsPerPage {
		last := shown[termsPerPage-1]
		pages = append(pages, chat.Button{
			Label: t.Plain("admin.clinics.next"),
			Data:  chat.Data(routeExpiring, overview.All, last.End.Format(time.DateOnly), short(last.ClinicID), short(last.TermID)),
		})
	}
	if pages != nil {
		rows = append(rows, pages)
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: chat.Paragraphs(t.Text("admin.expiring.title"), chat.Lines(lines...)),
		Rows: append(rows, chat.Row(
			chat.Button{Label: t.Plain("overview.back"), Data: routeExpiring},
			chat.Button{Label: t.Plain("admin.clinics.month"), Data: routeChanges})),
	})
	return err
}
