package clinic

import (
	"context"
	"strconv"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/staff"
	"vetalyze/internal/subscription"
)

// openSubscription shows how the clinic stands: everybody who works there what
// they need to know, the clinic owner all of it.
func (c *Clinic) openSubscription(ctx context.Context, t *chat.Turn, _ string) error {
	standing, err := c.subscriptions.Current(ctx, *t.Speaker.Member)
	if err != nil {
		return err
	}
	t.Banner = "" // the screen itself says it
	lines := []chat.HTML{t.Text("clinic.subscription.status", chat.Args{"Status": t.Text("standing." + string(standing.Status))})}
	if standing.Current != nil {
		lines = append(lines, c.currentTerm(t, *standing.Current)...)
	}
	var queue []chat.HTML
	for _, term := range standing.Queue {
		queue = append(queue, t.Text("clinic.subscription.next", chat.Args{
			"Plan": t.Choose(term.PlanEN, term.PlanAR), "First": t.ShortDay(term.Start), "Last": t.ShortDay(term.LastDay()),
		}))
	}
	var accounts chat.HTML
	if standing.AccountsAllowed > 0 || standing.AccountsUsed > 0 {
		accounts = t.Text("clinic.subscription.accounts", chat.Args{"Used": standing.AccountsUsed, "Allowed": standing.AccountsAllowed})
	}
	_, err = t.Show(ctx, chat.Screen{
		Text: chat.Paragraphs(
			t.Text("clinic.subscription.title", chat.Args{"Clinic": standing.ClinicName}),
			chat.Lines(lines...), chat.Lines(queue...), accounts,
		),
		Rows: c.subscriptionRows(t, standing),
	})
	return err
}

// currentTerm tells about the term that the clinic's standing comes from.
func (c *Clinic) currentTerm(t *chat.Turn, term subscription.Term) []chat.HTML {
	lines := []chat.HTML{t.Text("clinic.subscription.plan", chat.Args{"Plan": t.Choose(term.PlanEN, term.PlanAR)})}
	if t.Speaker.May(staff.RightSeeAmounts) {
		lines = append(lines, t.Text("clinic.subscription.price", chat.Args{"Price": amount(t, term.Price)}))
	}
	day := func(key string, date chat.HTML) { lines = append(lines, t.Text(key, chat.Args{"Day": date})) }
	switch term.Status {
	case subscription.Active:
		lines = append(lines, t.Text("clinic.subscription.days_left", chat.Args{
			"Count": term.DaysLeft, "Bar": chat.HTML(bar(term.DaysLeft, term.Days())),
		}))
		day("clinic.subscription.last_day", t.FullDay(term.LastDay()))
	case subscription.Suspended:
		day("clinic.subscription.suspended_on", t.FullDay(term.FrozenOn))
		lines = append(lines, t.Text("clinic.subscription.days_kept", chat.Args{"Count": term.DaysLeft}))
	case subscription.Grace:
		day("clinic.subscription.ended_on", t.FullDay(term.LastDay()))
		day("clinic.subscription.works_until", t.FullDay(term.GraceUntil().AddDate(0, 0, -1)))
	case subscription.Upcoming:
		day("clinic.subscription.begins", t.FullDay(term.Start))
		day("clinic.subscription.last_day", t.FullDay(term.LastDay()))
	case subscription.Ended:
		day("clinic.subscription.ended_on", t.FullDay(term.LastDay()))
	default: // closed before its time
		lines[0] = t.Text("clinic.history.term", chat.Args{
			"Plan": t.Choose(term.PlanEN, term.PlanAR), "Status": t.Text("term." + string(term.Status)),
		})
	}
	return lines
}

// subscriptionRows are for whoever may see the money.
func (c *Clinic) subscriptionRows(t *chat.Turn, standing subscription.Standing) (rows [][]chat.Button) {
	if !t.Speaker.May(staff.RightSeeAmounts) {
		return nil
	}
	renew := "clinic.subscription.renew"
	if len(standing.Terms) == 0 {
		renew = "clinic.subscription.begin"
	}
	rows = append(rows, chat.Row(chat.Button{Label: t.Plain(renew), Data: routeRenew}))
	reports := chat.Row(chat.Button{Label: t.Plain("report.open"), Data: "report"})
	if len(standing.Terms) > 0 {
		reports = append(chat.Row(chat.Button{Label: t.Plain("clinic.subscription.history"), Data: routeHistory}), reports...)
	}
	return append(rows, reports)
}

// historyPage is how many terms stand on a page of the history.
const historyPage = 6

// openHistory shows a page of the clinic's terms with what was paid for them, the
// latest first.
func (c *Clinic) openHistory(ctx context.Context, t *chat.Turn, argument string) error {
	standing, err := c.subscriptions.Current(ctx, *t.Speaker.Member)
	if err != nil {
		return err
	}
	t.Banner = ""
	pages := max(1, (len(standing.Terms)+historyPage-1)/historyPage)
	page, _ := strconv.Atoi(argument)
	page = min(max(page, 0), pages-1)
	text := []chat.HTML{t.Text("clinic.history.title", chat.Args{"Clinic": standing.ClinicName})}
	for i := range historyPage {
		at := len(standing.Terms) - 1 - page*historyPage - i
		if at < 0 {
			break
		}
		term := standing.Terms[at]
		if term.Status == subscription.Grace && standing.Status != staff.ClinicGrace {
			term.Status = subscription.Ended // the next one has begun
		}
		text = append(text, pastTerm(t, term))
	}
	if len(standing.Terms) == 0 {
		text = append(text, t.Text("clinic.history.none"))
	}
	_, err = t.Show(ctx, chat.Screen{Text: chat.Paragraphs(text...), Rows: historyRows(t, page, pages)})
	return err
}

func pastTerm(t *chat.Turn, term subscription.Term) chat.HTML {
	lines := []chat.HTML{t.Text("clinic.history.term", chat.Args{
		"Plan": t.Choose(term.PlanEN, term.PlanAR), "Status": t.Text("term." + string(term.Status)),
	})}
	if term.Status == subscription.Suspended {
		lines = append(lines, t.Text("clinic.subscription.suspended_on", chat.Args{"Day": t.ShortDay(term.FrozenOn)}),
			t.Text("clinic.subscription.days_kept", chat.Args{"Count": term.DaysLeft}))
	} else {
		lines = append(lines, t.Text("clinic.history.dates", chat.Args{"First": t.ShortDay(term.Start), "Last": t.ShortDay(term.LastDay())}))
	}
	if !term.ClosedAt.IsZero() {
		lines = append(lines, t.Text("clinic.history.closed", chat.Args{"Day": t.ShortDay(term.ClosedAt.In(t.Speaker.Member.Zone()))}))
	}
	if term.Paid.Minor == 0 {
		lines = append(lines, t.Text("clinic.history.unpaid"))
	} else {
		lines = append(lines, t.Text("clinic.history.paid", chat.Args{"Amount": amount(t, term.Paid)}))
	}
	if term.Refunded.Minor > 0 {
		lines = append(lines, t.Text("clinic.history.refunded", chat.Args{"Amount": amount(t, term.Refunded)}))
	}
	return chat.Lines(lines...)
}

func historyRows(t *chat.Turn, page, pages int) (rows [][]chat.Button) {
	var turn []chat.Button
	if page > 0 {
		turn = append(turn, chat.Button{Label: t.Plain("clinic.history.newer"), Data: chat.Data(routeHistory, strconv.Itoa(page-1))})
	}
	if page < pages-1 {
		turn = append(turn, chat.Button{Label: t.Plain("clinic.history.older"), Data: chat.Data(routeHistory, strconv.Itoa(page+1))})
	}
	if len(turn) > 0 {
		rows = append(rows, turn)
	}
	return append(rows, backToSubscription(t))
}

func backToSubscription(t *chat.Turn) []chat.Button {
	return chat.Row(chat.Button{Label: t.Plain("clinic.subscription.back"), Data: routeSubscription})
}

// amount is a string, so that it is isolated among right-to-left words.
func amount(t *chat.Turn, m subscription.Money) string { return t.Money(m.Minor, m.Currency) }

// barLength is how many signs the bar of the days left has.
const barLength = 10

// bar draws how much is left of a term: "▰▰▰▱▱▱▱▱▱▱". As long as a day is left, so
// is a sign; as long as one is gone, one is empty.
func bar(left, all int) string {
	full := 0
	if all > 0 {
		full = min(max((left*barLength+all/2)/all, 0), barLength)
	}
	switch {
	case left > 0 && full == 0:
		full = 1
	case left < all && full == barLength:
		full = barLength - 1
	}
	return strings.Repeat("▰", full) + strings.Repeat("▱", barLength-full)
}
