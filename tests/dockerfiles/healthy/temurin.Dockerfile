FROM eclipse-temurin:21-jdk
ENV PATH=/opt/gradle/bin:$PATH
