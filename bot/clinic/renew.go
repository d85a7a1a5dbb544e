package clinic

import (
	"context"
	"strings"

	"vetalyze/bot/chat"
	"vetalyze/internal/money"
	"vetalyze/internal/reference"
	"vetalyze/internal/staff"
)

// openRenewal tells the clinic owner how to get the next period: which plans are
// sold, and how they can be paid.
func (c *Clinic) openRenewal(ctx context.Context, t *chat.Turn, _ string) error {
	plans, err := c.offeredPlans(ctx, t)
	if err != nil {
		return err
	}
	methods, err := c.reference.PaymentMethods(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, method := range methods.Offered() {
		names = append(names, t.Choose(method.NameEN, method.NameAR))
	}
	text := []chat.HTML{t.Text("clinic.renew.title")}
	switch {
	case len(plans) == 0:
		text = append(text, t.Text("clinic.renew.no_plans"))
	default:
		text = append(text, t.Text("clinic.renew.how"), chat.Lines(plans...))
	}
	if len(plans) > 0 && len(names) > 0 {
		text = append(text, t.Text("clinic.renew.methods", chat.Args{"Methods": strings.Join(names, t.Plain("list.comma"))}))
	}
	if access := t.Speaker.Member.Access; access == staff.AccessFull {
		text = append(text, t.Text("clinic.renew.seamless"))
	}
	t.Banner = ""
	_, err = t.Show(ctx, chat.Screen{Text: chat.Paragraphs(text...), Rows: [][]chat.Button{backToSubscription(t)}})
	return err
}

// offeredPlans lists the plans sold in the clinic's currency; in any, when none is.
func (c *Clinic) offeredPlans(ctx context.Context, t *chat.Turn) ([]chat.HTML, error) {
	plans, err := c.reference.Plans(ctx)
	if err != nil {
		return nil, err
	}
	countries, err := c.reference.Countries(ctx)
	if err != nil {
		return nil, err
	}
	var all, own []chat.HTML
	for _, plan := range plans.Offered() {
		line := planLine(t, plan, countries.Currency(plan.Currency))
		all = append(all, line)
		if plan.Currency == t.Speaker.Member.Currency {
			own = append(own, line)
		}
	}
	if len(own) > 0 {
		return own, nil
	}
	return all, nil
}

func planLine(t *chat.Turn, plan reference.Plan, currency money.Currency) chat.HTML {
	return t.Text("clinic.renew.plan", chat.Args{
		"Plan":     t.Choose(plan.NameEN, plan.NameAR),
		"Price":    t.Money(plan.PriceMinor, currency),
		"Days":     chat.HTML(t.Plain("clinic.renew.days", chat.Args{"Count": plan.DurationDays})),
		"Accounts": chat.HTML(t.Plain("clinic.renew.accounts", chat.Args{"Count": plan.Accounts})),
	})
}
