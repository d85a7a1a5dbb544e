package admin

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"vetalyze/bot/form"
	"vetalyze/internal/money"
)

// currencyButtons is how many currencies stand on buttons; any other that a country has is typed.
const currencyButtons = 8

func (a *Admin) currencyChoices(ctx context.Context, _ form.Step) ([]form.Choice, error) {
	countries, err := a.reference.Countries(ctx)
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, country := range countries.Offered() {
		if !slices.Contains(codes, country.Currency) {
			codes = append(codes, country.Currency)
		}
	}
	var choices []form.Choice
	for _, code := range codes[:min(currencyButtons, len(codes))] {
		choices = append(choices, form.Choice{Value: code, Label: code})
	}
	return choices, nil
}

// acceptCurrency takes the code of a currency that some country has.
func (a *Admin) acceptCurrency(ctx context.Context, s form.Step, typed string) error {
	countries, err := a.reference.Countries(ctx)
	if err != nil {
		return err
	}
	code := strings.ToUpper(strings.TrimSpace(typed))
	for _, country := range countries {
		if country.Currency == code {
			return chooseCurrency(ctx, s, code)
		}
	}
	return form.Refuse("admin.country.currency.not", nil)
}

// chooseCurrency keeps the currency. A price that was given in another one is asked again.
func chooseCurrency(_ context.Context, s form.Step, code string) error {
	if s.Item[fieldCurrency] != code {
		delete(s.Item, fieldPrice)
	}
	s.Item[fieldCurrency] = code
	return nil
}

func (a *Admin) acceptPrice(ctx context.Context, s form.Step, typed string) error {
	currency, err := a.currency(ctx, s.Item[fieldCurrency])
	if err != nil {
		return err
	}
	minor, err := money.Parse(typed, currency)
	if err != nil {
		return refuseAmount(err)
	}
	s.Item[fieldPrice] = strconv.FormatInt(minor, 10)
	return nil
}

func (a *Admin) showPrice(ctx context.Context, s form.Step, kept string) (string, error) {
	currency, err := a.currency(ctx, s.Item[fieldCurrency])
	if err != nil {
		return "", err
	}
	minor, err := strconv.ParseInt(kept, 10, 64)
	return s.Money(minor, currency), err
}

// refuseAmount says what is wrong with an amount.
func refuseAmount(err error) error {
	for _, known := range []struct {
		err error
		key string
	}{
		{money.ErrEmpty, "admin.amount.empty"},
		{money.ErrNegative, "admin.amount.negative"},
		{money.ErrAmbiguous, "admin.amount.ambiguous"},
		{money.ErrTooPrecise, "admin.amount.too_precise"},
		{money.ErrTooLarge, "admin.amount.too_large"},
	} {
		if errors.Is(err, known.err) {
			return form.Refuse(known.key, nil)
		}
	}
	return form.Refuse("admin.amount.not_number", nil)
}
