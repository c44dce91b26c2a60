// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include <map>
#include <vector>

#include "driver.h"

namespace ingot_shim {

namespace {

struct planned_failure {
    std::string function;
    int calls_left;
    CUresult error;
};

struct settings {
    std::map<std::string, std::string> options;
    std::vector<planned_failure> failures;

    settings() {
        const char *text = getenv("INGOT_SHIM_FAIL");
        for (std::string rest = text ? text : ""; !rest.empty();) {
            const std::string each = rest.substr(0, rest.find(','));
            rest = each.size() < rest.size() ? rest.substr(each.size() + 1) : "";
            const size_t nth = each.find(':'), error = each.rfind(':');
            if (nth == std::string::npos || error == nth) {
                report("INGOT_SHIM_FAIL: expected FUNCTION:NTH:ERROR, found " + each);
                continue;
            }
            failures.push_back({each.substr(0, nth), atoi(each.c_str() + nth + 1), (CUresult)atoi(each.c_str() + error + 1)});
        }
    }
};

settings &current() {
    static settings *const instance = new settings;
    return *instance;
}

std::string option(const char *name, const char *otherwise) {
    const auto found = current().options.find(name);
    if (found != current().options.end()) return found->second;
    const char *value = getenv(name);
    return value ? value : otherwise;
}

}  // namespace

int device_count() {
    const int count = atoi(option("INGOT_SHIM_DEVICES", "1").c_str());
    return count < 0 ? 0 : count > most_devices ? most_devices : count;
}

size_t memory_size() { return strtoull(option("INGOT_SHIM_MEMORY", "1073741824").c_str(), nullptr, 10); }

int driver_version() { return atoi(option("INGOT_SHIM_DRIVER_VERSION", "13000").c_str()); }

int compute_capability() { return atoi(option("INGOT_SHIM_CAPABILITY", "90").c_str()); }

std::string thread_order() { return option("INGOT_SHIM_ORDER", "forward"); }

void set_option(const std::string &name, const char *value) {
    if (value) {
        current().options[name] = value;
    } else {
        current().options.erase(name);
    }
}

void fail_later(const std::string &function, int nth, CUresult error) {
    current().failures.push_back({function, nth, error});
}

void forget_settings() { current() = settings(); }

CUresult injected(const char *function) {
    std::vector<planned_failure> &failures = current().failures;
    CUresult result = CUDA_SUCCESS;
    for (auto each = failures.begin(); each != failures.end();) {
        if (each->function == function && --each->calls_left == 0) {
            result = each->error;
            each = failures.erase(each);
        } else {
            ++each;
        }
    }
    return result;
}

}  // namespace ingot_shim
