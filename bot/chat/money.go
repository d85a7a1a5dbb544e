package chat

import (
	"github.com/nicksnyder/go-i18n/v2/i18n"

	"vetalyze/internal/money"
)

// Money writes an amount as the language does: "1,500.50 EGP", "1,500.50 ج.م".
func (l Locale) Money(minor int64, currency money.Currency) string {
	return money.Digits(minor, currency.Exponent) + " " + l.Currency(currency.Code)
}

// Currency is what the language calls a currency; its code where the locale has no other name.
func (l Locale) Currency(code string) string {
	name, err := l.localizer.Localize(&i18n.LocalizeConfig{MessageID: "currency." + code})
	if err != nil {
		return code
	}
	return name
}
