# SPDX-License-Identifier: Apache-2.0
# Sourced by the scripts of bench/: sets JAVA to the `java` of a JDK 22 or newer (INGOT_JAVA_HOME, JAVA_HOME, the PATH,
# then the newest below the usual folders), or ends with a message.

java_release() { "$1" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p'; }

JAVA=
newest=21
for java in ${INGOT_JAVA_HOME:+"$INGOT_JAVA_HOME/bin/java"} ${JAVA_HOME:+"$JAVA_HOME/bin/java"} "$(command -v java)"; do
    if [ -x "$java" ] && [ "$(java_release "$java")" -ge 22 ] 2>/dev/null; then JAVA=$java && break; fi
done
if [ -z "$JAVA" ]; then
    for java in /usr/lib/jvm/*/bin/java "$HOME"/.sdkman/candidates/java/*/bin/java "$HOME"/.jdks/*/bin/java \
            /opt/*/bin/java /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java; do
        [ -x "$java" ] && release=$(java_release "$java") || continue
        if [ "$release" -gt "$newest" ] 2>/dev/null; then newest=$release && JAVA=$java; fi
    done
fi
if [ -z "$JAVA" ]; then
    echo "error: no JDK 22 or newer found" >&2
    echo "hint: install one and set JAVA_HOME to it" >&2
    exit 2
fi
