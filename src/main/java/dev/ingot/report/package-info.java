// SPDX-License-Identifier: Apache-2.0
/** What users read: plans, run reports, model cards. Text only; nothing is written to disk here. */
package dev.ingot.report;
