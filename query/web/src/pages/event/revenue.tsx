//! Payments and refunds by currency. Amounts of different currencies are not added up.

import type { Figures, Revenue } from "../../api/types";
import { type Column, DataTable } from "../../parts/data_table";
import { Panel } from "../../parts/panel";
import { t } from "../../text/language";
import { integer, money } from "../../text/numbers";

export function RevenuePanel({ figures }: { figures: Pick<Figures, "revenue"> }) {
  const rows = figures.revenue ?? [];
  const columns: Column<Revenue>[] = [
    { name: t("currency"), value: ({ currency }) => currency || t("noCurrency") },
    { name: t("paid"), value: ({ amountCents, currency }) => money(amountCents, currency) },
    { name: t("paymentCount"), value: ({ payments }) => integer(payments) },
  ];
  // Few events have refunds, and a phone has no room for columns of zeros.
  if (rows.some(({ refundedCents }) => refundedCents > 0)) {
    columns.push(
      { name: t("refunded"), value: ({ refundedCents, currency }) => money(refundedCents, currency) },
      { name: t("net"), value: ({ amountCents, refundedCents, currency }) => money(amountCents - refundedCents, currency) },
    );
  }
  return (
    <Panel id="revenue" title={t("revenue")}>
      <DataTable caption={t("revenue")} rows={rows} columns={columns} />
    </Panel>
  );
}
